#include "engine/describe.hpp"

#include "engine/frames.hpp"
#include "engine/stored_json.hpp"

#include <cairn/codec.hpp>

namespace cairn::engine {

namespace {

std::vector<Attempt> attempts_of(const StepRow& row) {
  std::vector<Attempt> attempts = row.failures;
  const bool waits_for_retry = !row.ended && row.due.has_value();
  if (waits_for_retry) return attempts;  // the current attempt is the last of the failures
  const bool listed = attempts.size() >= static_cast<std::size_t>(row.attempt);
  if (!listed) attempts.push_back({.started = row.attempt_started, .ended = row.ended, .error = row.error});
  return attempts;
}

json config_of(const StepRow& row) {
  const StepOptions options = read_config(row.config);
  return {{"retries",
           {{"limit", options.retries.limit},
            {"delay", options.retries.delay.count()},
            {"backoff", std::string{to_string(options.retries.backoff)}}}},
          {"timeout", options.timeout.count()}};
}

StepDetail describe_step(const StepRow& row, Duration paused_for) {
  StepDetail step;
  step.kind = row.kind;
  step.name = row.name + "-" + std::to_string(row.count);
  step.started = row.started;
  step.ended = row.ended;
  step.event_type = row.event_type;
  if (row.ended) step.success = !row.error.has_value();
  if (row.ended && !row.error) step.output = stored<json>(row.output, "output of step " + step.name);
  step.error = row.error;
  if (row.due) step.due = row.due_fixed ? *row.due : saturating_add(*row.due, paused_for);
  if (row.kind == StepKind::step) {
    step.attempts = attempts_of(row);
    step.config = config_of(row);
  }
  return step;
}

}  // namespace

InstanceSummary summarize(const InstanceRow& row, const Catalogue::Names& names) {
  return {.id = row.id,
          .status = row.status,
          .version_id = names.version_id,
          .workflow_id = names.workflow_id,
          .created = row.created,
          .modified = row.modified,
          .started = row.started,
          .ended = row.ended,
          .expires = row.expires};
}

InstanceDetail describe(const History& history, const Catalogue::Names& names) {
  InstanceDetail detail;
  static_cast<InstanceSummary&>(detail) = summarize(history.row, names);
  detail.run = history.row.run;
  detail.workflow = names.workflow;
  detail.version = names.version;
  detail.params = stored<json>(history.params, "params");
  if (history.row.status == Status::complete) detail.output = stored<json>(history.output, "output");
  detail.error = history.error;
  for (const StepRow& row : history.steps) detail.steps.push_back(describe_step(row, history.row.paused_for));
  detail.buffered_events = history.events.size();
  return detail;
}

}  // namespace cairn::engine
