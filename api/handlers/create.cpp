#include "api/envelope.hpp"
#include "api/handlers/generated_ids.hpp"
#include "api/handlers/handlers.hpp"
#include "api/handlers/new_instance.hpp"
#include "api/query.hpp"
#include "api/text.hpp"

#include <cairn/detail/caught.hpp>
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

std::vector<NewInstance<json>> read_entries(json& entries, const Workflow<json, json>& workflow) {
  std::vector<NewInstance<json>> instances;
  instances.reserve(entries.size());
  for (json& entry : entries.get_ref<json::array_t&>()) {
    if (!entry.is_object()) {
      throw Error{Errc::invalid_argument,
                  name_of(instances.size()) + ": must be an object, is " + std::string{kind_of(entry)}};
    }
    try {
      NewInstance<json> instance = take_new_instance(entry);
      workflow.check_params(instance.params, "params");
      instances.push_back(std::move(instance));
    } catch (const Error& error) {
      throw Error{error.code(), name_of(instances.size()) + "." + detail::what_of(error)};
    }
  }
  return instances;
}

NewInstance<json> read_instance(const Backend& backend, const Workflow<json, json>& workflow,
                                const Call& call, std::string_view body) {
  const Query query{call.query, {}};
  json entry = body.empty() ? json::object() : read_body(body, backend.engine.options().limits.json_depth, 1);
  if (!entry.is_object()) {
    throw Error{Errc::invalid_argument, "body: must be an object, is " + std::string{kind_of(entry)}};
  }
  NewInstance<json> instance = take_new_instance(entry);
  workflow.check_params(instance.params, "params");
  return instance;
}

// Leaves out what cannot be created; `askers` gets the requests of those that can.
void read_each(const Backend& backend, const Workflow<json, json>& workflow,
               std::span<const Request> requests, std::vector<NewInstance<json>>& instances,
               std::vector<std::size_t>& askers) {
  for (std::size_t index = 0; index < requests.size(); ++index) {
    try {
      instances.push_back(read_instance(backend, workflow, requests[index].call, requests[index].body));
    } catch (const Error&) {
      continue;
    }
    askers.push_back(index);
  }
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

json read_batch(const Backend& backend, std::string_view body) {
  json entries = read_body(body, backend.engine.options().limits.json_depth, 2);
  if (!entries.is_array()) {
    throw Error{Errc::invalid_argument, "body: must be an array, is " + std::string{kind_of(entries)}};
  }
  if (entries.empty()) throw Error{Errc::invalid_argument, "body: must have at least 1 entry"};
  if (entries.size() > backend.options.batch_entries) {
    throw Error{Errc::invalid_argument, "body: must not have more than " +
                                            std::to_string(backend.options.batch_entries) + " entries, has " +
                                            std::to_string(entries.size())};
  }
  return entries;
}

Response created(const CreatedInstance& instance) {
  Envelope envelope{created_bytes};
  append_created(envelope.out(), instance);
  return std::move(envelope).finish();
}

}  // namespace

Response create_batch(const Backend& backend, const Call& call, std::string_view body) {
  const Query query{call.query, {}};
  Workflow<json, json> workflow = find_workflow(backend, call);
  json entries = read_batch(backend, body);
  std::vector<NewInstance<json>> instances = read_entries(entries, workflow);
  const std::vector<GeneratedId> generated = generate_ids(backend.engine.options(), instances);
  BatchResult batch;
  try {
    batch = workflow.create_batch(std::move(instances));
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
  Workflow<json, json> workflow = find_workflow(backend, call);
  std::vector<NewInstance<json>> instance{read_instance(backend, workflow, call, body)};
  const std::vector<GeneratedId> generated = generate_ids(backend.engine.options(), instance);
  try {
    workflow.create(instance.front());
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
std::vector<std::optional<Response>> create_together(const Backend& backend,
                                                     std::span<const Request> requests) {
  std::vector<std::optional<Response>> answers(requests.size());
  std::vector<std::size_t> askers;  // the request of each instance
  std::vector<NewInstance<json>> instances;
  std::vector<GeneratedId> generated;
  BatchResult batch;
  try {
    Workflow<json, json> workflow = find_workflow(backend, requests.front().call);
    read_each(backend, workflow, requests, instances, askers);
    generated = generate_ids(backend.engine.options(), instances);
    if (!instances.empty()) batch = workflow.create_batch(std::move(instances));
  } catch (const Error& error) {
    if (error.code() != Errc::outcome_unknown) return answers;
    for (const std::size_t asker : askers) answers[asker] = outcome_unknown({});
    for (GeneratedId& id : generated) answers[askers[id.index]] = outcome_unknown({{0, std::move(id.id)}});
    return answers;
  }
  auto skipped = batch.skipped.begin();
  auto made = batch.created.begin();
  for (std::size_t index = 0; index < askers.size(); ++index) {
    if (skipped != batch.skipped.end() && skipped->index == index) {
      ++skipped;
    } else {
      answers[askers[index]] = created(*made++);
    }
  }
  return answers;
}

}  // namespace cairn::api
