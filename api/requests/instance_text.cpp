#include "api/requests/instance_text.hpp"

#include "api/requests/text.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace cairn::api {

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

namespace {

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

void append_body_step(std::string& out, const StepText& step) {
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

// `sleep` and `waitForEvent`: until they end, `end` says when they will at the latest. Cloudflare's schema
// has a time there, never `null`; `finished` tells which one it is.
void append_waiting_step(std::string& out, const StepText& step) {
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

void append_step(std::string& out, const StepText& step) {
  out += R"({"type":")";
  out += to_string(step.kind);
  out += R"(","name":)";
  append_string(out, step.name);
  if (step.kind == StepKind::step) {
    append_body_step(out, step);
  } else {
    append_waiting_step(out, step);
  }
  if (!step.warning.empty()) {
    out += R"(,"warning":)";
    append_string(out, step.warning);
  }
  out += '}';
}

struct StepOutcome {
  std::string_view status;
  std::optional<ErrorRecord> error = std::nullopt;
  bool has_output = false;
};

// Of the step, or of its last attempt alone.
StepOutcome outcome_of(const StepText& step, bool of_attempt) {
  if (step.success == true) return {.status = "complete", .has_output = true};
  if (step.success == false) return {.status = "errored", .error = step.error};
  if (step.kind == StepKind::wait_for_event) return {.status = "waiting"};
  // An attempt that failed, with another one to come, has ended; its step has not.
  const bool has_failed = !step.attempts.empty() && step.attempts.back().ended;
  if (of_attempt)
    return has_failed ? StepOutcome{"errored", step.attempts.back().error} : StepOutcome{"running"};
  StepOutcome running{.status = "running"};
  for (const Attempt& attempt : step.attempts) {
    if (attempt.error) running.error = attempt.error;
  }
  return running;
}

std::size_t bytes_of(const std::optional<ErrorRecord>& error) {
  return error ? error->name.size() + error->message.size() : 0;
}

}  // namespace

void append_instance(std::string& out, const InstanceText& instance) {
  const std::optional<bool> success = is_finished(instance.status)
                                          ? std::optional{instance.status == Status::complete}
                                          : std::nullopt;
  out += R"({"status":")";
  out += to_string(instance.status);
  out += R"(","success":)";
  append_bool(out, success);
  out += R"(,"params":)";
  out += instance.params.text();
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
  append_number(out, static_cast<std::int64_t>(instance.step_count));
  out += R"(,"rollback":null,"steps":[)";
  for (const StepText& step : instance.steps) {
    if (&step != &instance.steps.front()) out += ',';
    append_step(out, step);
  }
  out += "]}";
}

void append_outcome(std::string& out, const StepText& step, std::size_t attempt) {
  const StepOutcome outcome = attempt > 0 && attempt < step.attempts.size()
                                  ? StepOutcome{.status = "errored",
                                                .error = step.attempts[attempt - 1].error}
                                  : outcome_of(step, attempt > 0);
  out += R"({"status":")";
  out += outcome.status;
  out += R"(","error":)";
  append_error(out, outcome.error);
  out += R"(,"output":)";
  if (outcome.has_output) {
    append_json(out, step.output);
  } else {
    out += "null";
  }
  if (step.kind == StepKind::wait_for_event) {
    out += R"(,"event_type":)";
    append_string(out, step.event_type);
  }
  out += '}';
}

std::size_t step_bytes(const StepText& step) {
  constexpr std::size_t fixed_bytes = 400;  // names, times, and the config of a step
  constexpr std::size_t attempt_bytes = 120;
  std::size_t bytes = fixed_bytes + step.name.size() + step.event_type.size() + step.warning.size() +
                      bytes_of(step.error);
  if (step.output) bytes += step.output->text().size();
  for (const Attempt& attempt : step.attempts) bytes += attempt_bytes + bytes_of(attempt.error);
  return bytes;
}

std::size_t instance_bytes(const InstanceText& instance) {
  constexpr std::size_t fixed_bytes = 600;
  std::size_t bytes = fixed_bytes + instance.params.text().size() + bytes_of(instance.error);
  if (instance.output) bytes += instance.output->text().size();
  for (const StepText& step : instance.steps) bytes += step_bytes(step);
  return bytes;
}

}  // namespace cairn::api
