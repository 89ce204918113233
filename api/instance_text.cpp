#include "api/instance_text.hpp"

#include "api/text.hpp"

#include <cstdint>
#include <optional>

namespace cairn::api {
namespace {

void append_error(std::string& out, const std::optional<ErrorRecord>& error) {
  if (!error) {
    out += "null";
    return;
  }
  out += R"({"name":)";
  append_string(out, error->name);
  out += R"(,"message":)";
  append_string(out, error->message);
  out += '}';
}

void append_times(std::string& out, Time start, std::optional<Time> end) {
  out += R"(,"start":)";
  append_time(out, start);
  out += R"(,"end":)";
  append_time(out, end);
}

void append_attempt(std::string& out, const Attempt& attempt) {
  const std::optional<bool> success = attempt.ended ? std::optional{!attempt.error} : std::nullopt;
  out += R"({"start":)";
  append_time(out, attempt.started);
  out += R"(,"end":)";
  append_time(out, attempt.ended);
  out += R"(,"success":)";
  append_bool(out, success);
  out += R"(,"error":)";
  append_error(out, attempt.error);
  out += '}';
}

void append_body_step(std::string& out, const StepDetail& step) {
  append_times(out, step.started, step.ended);
  out += R"(,"success":)";
  append_bool(out, step.success);
  out += R"(,"output":)";
  append_json(out, step.output);
  out += R"(,"config":)";
  append_json(out, step.config);
  out += R"(,"attempts":[)";
  for (const Attempt& attempt : step.attempts) {
    if (&attempt != &step.attempts.front()) out += ',';
    append_attempt(out, attempt);
  }
  out += ']';
}

// `sleep` and `waitForEvent`: until they end, `end` says when they will at the latest.
void append_waiting_step(std::string& out, const StepDetail& step) {
  append_times(out, step.started, step.ended ? step.ended : step.due);
  out += R"(,"finished":)";
  append_bool(out, step.ended.has_value());
  out += R"(,"error":)";
  append_error(out, step.error);
  if (step.kind != StepKind::wait_for_event) return;
  out += R"(,"event_type":)";
  append_string(out, step.event_type);
  out += R"(,"output":)";
  append_json(out, step.output);
}

void append_step(std::string& out, const StepDetail& step) {
  out += R"({"type":")";
  out += to_string(step.kind);
  out += R"(","name":)";
  append_string(out, step.name);
  if (step.kind == StepKind::step) {
    append_body_step(out, step);
  } else {
    append_waiting_step(out, step);
  }
  out += '}';
}

}  // namespace

void append_instance(std::string& out, const InstanceDetail& instance, bool with_steps) {
  const std::optional<bool> success = is_finished(instance.status)
                                          ? std::optional{instance.status == Status::complete}
                                          : std::nullopt;
  out += R"({"status":")";
  out += to_string(instance.status);
  out += R"(","success":)";
  append_bool(out, success);
  out += R"(,"params":)";
  append_json(out, instance.params);
  out += R"(,"output":)";
  append_json(out, instance.output);
  out += R"(,"error":)";
  append_error(out, instance.error);
  out += R"(,"queued":)";
  append_time(out, instance.created);
  out += R"(,"start":)";
  append_time(out, instance.started);
  out += R"(,"end":)";
  append_time(out, instance.ended);
  out += R"(,"versionId":)";
  append_string(out, instance.version_id);
  out += R"(,"trigger":{"source":"api"},"step_count":)";
  append_number(out, static_cast<std::int64_t>(instance.steps.size()));
  out += R"(,"rollback":null,"steps":[)";
  if (with_steps) {
    for (const StepDetail& step : instance.steps) {
      if (&step != &instance.steps.front()) out += ',';
      append_step(out, step);
    }
  }
  out += "]}";
}

}  // namespace cairn::api
