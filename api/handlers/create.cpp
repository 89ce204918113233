#include "api/handlers/body.hpp"
#include "api/handlers/generated_ids.hpp"
#include "api/handlers/handlers.hpp"
#include "api/handlers/new_instance.hpp"
#include "api/requests/envelope.hpp"
#include "api/requests/query.hpp"
#include "api/requests/text.hpp"

#include <cairn/detail/caught.hpp>
#include <cairn/detail/tree.hpp>
#include <cairn/engine.hpp>
#include <cairn/error.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cairn::api {
namespace {

// {"id", "status", "version_id", "workflow_id"} with all else that a batch's answer says of an instance.
constexpr std::size_t created_bytes = 220;

void append_created(std::string& out, const CreatedInstance& instance) {
  out += R"({"id":)";
  append_string(out, instance.id);
  out += R"(,"status":")";
  out += to_string(instance.status);
  out += R"(","version_id":")";
  out += instance.version_id;
  out += R"(","workflow_id":")";
  out += instance.workflow_id;
  out += R"("})";
}

std::string name_of(std::size_t index) {
  return "[" + std::to_string(index) + "]";
}

// What is kept of an entry of a batch beside its params: the instance in several forms, its id in some, and
// what is answered about it.
constexpr std::size_t entry_bytes = 1'280;

std::vector<NewInstance<JsonText>> read_entries(const Backend& backend, const Workflow<json, json>& workflow,
                                                std::string_view body) {
  std::vector<NewInstance<JsonText>> instances;
  read_elements(backend, body, entry_bytes, [&](json entry, std::string_view text, std::size_t index) {
    const detail::TakenApart at_the_end{entry};
    if (!entry.is_object()) {
      throw Error{Errc::invalid_argument,
                  name_of(index) + ": must be an object, is " + std::string{kind_of(entry)}};
    }
    try {
      instances.push_back(take_new_instance(entry, text, workflow));
    } catch (const Error& error) {
      const std::string what = detail::what_of(error);
      throw Error{error.code(), name_of(index) + (what.starts_with('[') ? "" : ".") + what};
    }
  });
  return instances;
}

NewInstance<JsonText> read_instance(const Backend& backend, const Workflow<json, json>& workflow,
                                    const Call& call, std::string_view body) {
  const Query query{call.query, {}};
  if (body.empty()) body = "{}";
  json entry = read_body(backend, body);
  const detail::TakenApart at_the_end{entry};
  if (!entry.is_object()) {
    throw Error{Errc::invalid_argument, "body: must be an object, is " + std::string{kind_of(entry)}};
  }
  NewInstance<JsonText> instance = take_new_instance(entry, body, workflow);
  backend.room.keep(body.size() + entry_bytes);
  return instance;
}

// Says of each entry that was skipped, why.
std::string messages_of(const std::vector<SkippedInstance>& skipped) {
  std::string messages = "[";
  for (const SkippedInstance& entry : skipped) {
    const bool repeated = entry.code == Errc::duplicate_in_batch;
    std::string message = repeated ? "workflows.api.error.instance.duplicate_in_batch: "
                                   : "workflows.api.error.instance.already_exists: ";
    message += name_of(entry.index) + " was skipped: the instance_id '" + entry.id;
    message += repeated ? "' stands earlier in the batch" : "' is taken";
    if (messages.size() > 1) messages += ',';
    append_message(messages, static_cast<int>(entry.code), message);
  }
  messages += ']';
  return messages;
}

Response created(const CreatedInstance& instance) {
  Envelope envelope{created_bytes};
  append_created(envelope.out(), instance);
  return std::move(envelope).finish();
}

// What several requests create together.
struct Together {
  std::vector<std::size_t> askers = {};  // the request of each instance
  std::vector<NewInstance<JsonText>> instances = {};
  std::vector<GeneratedId> generated = {};
  BatchResult batch = {};
};

// Leaves out what cannot be created, or finds no room, for whatever reason: code of the host reads the
// params, and what it makes of those of one is nothing to the others.
void read_each(const Backend& backend, const Workflow<json, json>& workflow, std::size_t index,
               const Request& request, Together& together) {
  const auto read = [&] {
    together.instances.push_back(read_instance(backend, workflow, request.call, request.body));
    together.askers.push_back(index);
  };
  detail::contain(read, [] {});
}

std::vector<std::optional<Response>> answers_to(Together& together, std::size_t count) {
  std::vector<std::optional<Response>> answers(count);
  auto skipped = together.batch.skipped.begin();
  auto made = together.batch.created.begin();
  for (std::size_t index = 0; index < together.askers.size(); ++index) {
    if (skipped != together.batch.skipped.end() && skipped->index == index) {
      ++skipped;
    } else {
      answers[together.askers[index]] = created(*made++);
    }
  }
  return answers;
}

std::vector<std::optional<Response>> answers_without_outcome(Together& together, std::size_t count) {
  std::vector<std::optional<Response>> answers(count);
  for (const std::size_t asker : together.askers) answers[asker] = outcome_unknown({});
  for (GeneratedId& id : together.generated)
    answers[together.askers[id.index]] = outcome_unknown({{0, std::move(id.id)}});
  return answers;
}

}  // namespace

Response create_batch(const Backend& backend, const Call& call, std::string_view body) {
  const Query query{call.query, {}};
  Workflow<json, json> workflow = find_workflow(backend.engine, call);
  std::vector<NewInstance<JsonText>> instances = read_entries(backend, workflow, body);
  const std::vector<GeneratedId> generated = generate_ids(backend.engine.options(), instances);
  BatchResult batch;
  try {
    batch = workflow.create_batch_text(std::move(instances));
  } catch (const Error& error) {
    if (error.code() == Errc::outcome_unknown) return outcome_unknown(generated);
    throw;
  }
  Envelope envelope{batch.created.size() * created_bytes, messages_of(batch.skipped)};
  std::string& out = envelope.out();
  out += '[';
  for (const CreatedInstance& instance : batch.created) {
    if (&instance != &batch.created.front()) out += ',';
    append_created(out, instance);
  }
  out += ']';
  const std::size_t count = batch.created.size();
  return std::move(envelope).finish({.count = count, .per_page = count, .total_count = count});
}

Response create_instance(const Backend& backend, const Call& call, std::string_view body) {
  Workflow<json, json> workflow = find_workflow(backend.engine, call);
  std::vector<NewInstance<JsonText>> instance{read_instance(backend, workflow, call, body)};
  const std::vector<GeneratedId> generated = generate_ids(backend.engine.options(), instance);
  try {
    workflow.create_text(instance.front());
  } catch (const Error& error) {
    if (error.code() == Errc::outcome_unknown) return outcome_unknown(generated);
    throw;
  }
  return created({.id = std::move(instance.front().id),
                  .version_id = workflow.version_id(),
                  .workflow_id = workflow.workflow_id()});
}

// Whoever is at fault is answered alone; so is everyone when the whole group is refused, because such a
// refusal may be about one of them.
std::vector<std::optional<Response>> create_together(Engine& engine, const HttpOptions& options,
                                                     std::span<Request> requests) {
  Together together;
  together.askers.reserve(requests.size());
  try {
    Workflow<json, json> workflow = find_workflow(engine, requests.front().call);
    for (std::size_t index = 0; index < requests.size(); ++index) {
      Room room{requests[index].share};
      read_each({engine, options, room}, workflow, index, requests[index], together);
    }
    together.generated = generate_ids(engine.options(), together.instances);
    if (!together.instances.empty())
      together.batch = workflow.create_batch_text(std::move(together.instances));
  } catch (const Error& error) {
    if (error.code() == Errc::outcome_unknown) return answers_without_outcome(together, requests.size());
    return std::vector<std::optional<Response>>(requests.size());
  }
  return answers_to(together, requests.size());
}

}  // namespace cairn::api
