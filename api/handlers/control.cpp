#include "api/handlers/body.hpp"
#include "api/handlers/handlers.hpp"
#include "api/requests/envelope.hpp"
#include "api/requests/json_text.hpp"
#include "api/requests/query.hpp"
#include "api/requests/text.hpp"

#include <cairn/codec.hpp>
#include <cairn/detail/caught.hpp>
#include <cairn/detail/tree.hpp>
#include <cairn/engine.hpp>
#include <cairn/error.hpp>
#include <cairn/id.hpp>

#include <optional>
#include <string>
#include <utility>

namespace cairn::api {
namespace {

Command command_of(const json& word) {
  constexpr std::string_view rule = "status: must be pause, resume, terminate or restart, is ";
  if (!word.is_string()) refuse_invalid(std::string{rule} + std::string{kind_of(word)});
  const std::string& text = word.get_ref<const std::string&>();
  if (text == "pause") return Command::pause;
  if (text == "resume") return Command::resume;
  if (text == "terminate") return Command::terminate;
  if (text == "restart") return Command::restart;
  refuse_invalid(std::string{rule} + excerpt(text));
}

Command read_command(const json& request) {
  if (!request.is_object()) refuse_invalid("body: must be an object, is " + std::string{kind_of(request)});
  std::optional<Command> command;
  for (const auto& [key, value] : request.get_ref<const json::object_t&>()) {
    if (key == "status") {
      command = command_of(value);
    } else if (key == "rollback") {
      if (value != false)
        refuse_invalid(
            "rollback: must be false, because workflows have no rollback handlers in this version");
    } else {
      refuse_invalid(member_of({}, key) + ": there is no such field; the fields are status, rollback");
    }
  }
  if (!command) refuse_invalid("status: is required");
  return *command;
}

void carry_out(const Instance<json>& instance, Command command) {
  switch (command) {
    case Command::pause:
      instance.pause();
      return;
    case Command::resume:
      instance.resume();
      return;
    case Command::terminate:
      instance.terminate();
      return;
    case Command::restart:
      instance.restart();
      return;
  }
}

// It has been done by now, whatever keeps it from being read.
Status status_behind(const Instance<json>& instance) {
  try {
    return instance.status();
  } catch (const Error& error) {
    throw Error{Errc::outcome_unknown, "it was done, but not read back: " + detail::what_of(error)};
  }
}

}  // namespace

Response change_status(const Backend& backend, const Call& call, std::string_view body) {
  const Query query{call.query, {}};
  json request = read_body(backend, body);
  const detail::TakenApart at_the_end{request};
  const Command command = read_command(request);
  const Instance<json> instance = find_instance(backend, call);
  carry_out(instance, command);
  Envelope envelope;
  std::string& out = envelope.out();
  out += R"({"status":")";
  out += to_string(status_behind(instance));
  out += R"(","timestamp":)";
  append_time(out, now(backend));
  out += '}';
  return std::move(envelope).finish();
}

Response send_event(const Backend& backend, const Call& call, std::string_view body) {
  const Query query{call.query, {}};
  json payload = read_payload(backend, body);  // what is no JSON is refused; the text goes on as it came
  const detail::TakenApart at_the_end{payload};
  check_event_type(call.where.event_type, "event_type");
  const Instance<json> instance = find_instance(backend, call);
  instance.send_event_text(call.where.event_type, whole_text(body));
  Envelope envelope;
  std::string& out = envelope.out();
  out += R"({"instanceId":)";
  append_string(out, instance.id());
  out += R"(,"timestamp":)";
  append_time(out, now(backend));
  out += '}';
  return std::move(envelope).finish();
}

}  // namespace cairn::api
