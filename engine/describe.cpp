#include "engine/describe.hpp"

#include "engine/instance/frames.hpp"
#include "engine/instance/stored_json.hpp"

#include <cairn/codec.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

namespace cairn::engine {

namespace {

constexpr std::string_view cut_mark = " [truncated output]";

template <class Value>
Value value_of(std::string text, std::string_view what) {
  if constexpr (std::is_same_v<Value, json>) {
    return stored<json>(text, what);
  } else {
    check_stored(text, what);
    return detail::known_json_text(std::move(text));
  }
}

// Of an output whose rest was not read.
template <class Value>
Value value_of_cut(std::string text) {
  text += cut_mark;
  if constexpr (std::is_same_v<Value, json>) {
    return json(std::move(text));
  } else {
    return detail::known_json_text(write_json_string(text, "output"));
  }
}

std::vector<Attempt> attempts_of(StepRow& row, bool waits_for_worker) {
  std::vector<Attempt> attempts = std::move(row.failures);
  const bool waits_for_retry = !row.ended && row.due.has_value();
  if (waits_for_retry || waits_for_worker) return attempts;  // the current attempt has not begun
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

// A body that could begin, of an instance that has its slot.
bool waits_for_worker(const StepRow& row, const std::optional<Time>& due, Status status,
                      const Present& present) {
  if (row.kind != StepKind::step || row.ended || (status != Status::running && status != Status::waiting))
    return false;
  if (due) return *due <= present.now;
  return std::ranges::find(present.waiting_for_worker, row.started_seq) != present.waiting_for_worker.end();
}

template <class Value>
BasicStepDetail<Value> describe_step(StepRow& row, const InstanceRow& instance, const Present& present) {
  BasicStepDetail<Value> step;
  step.kind = row.kind;
  step.name = std::move(row.name) + "-" + std::to_string(row.count);
  step.started = row.started;
  step.ended = row.ended;
  step.event_type = std::move(row.event_type);
  step.warning = read_warning(row.config);
  if (row.ended) step.success = !row.error.has_value();
  if (row.ended && !row.error) {
    step.output = row.cut ? value_of_cut<Value>(std::move(row.output))
                          : value_of<Value>(std::move(row.output), "output of step " + step.name);
    step.output_cut = row.cut;
  }
  if (row.due) step.due = row.due_fixed ? *row.due : saturating_add(*row.due, instance.paused_for);
  if (row.kind == StepKind::step) {
    step.waits_for_worker = waits_for_worker(row, step.due, instance.status, present);
    step.attempts = attempts_of(row, step.waits_for_worker);
    step.config = Value(config_of(row));
  }
  step.error = std::move(row.error);
  return step;
}

// A name with its counter, such as `charge card-1`. What is none is the name of no step.
StepName parse_step_name(StepKind kind, std::string_view text) {
  StepName step{.kind = kind, .count = 0};
  const std::size_t dash = text.rfind('-');
  if (dash == std::string_view::npos) return step;
  const std::string_view digits = text.substr(dash + 1);
  std::int32_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  const bool is_whole = error == std::errc{} && end == digits.data() + digits.size();
  if (!is_whole || digits.starts_with('0')) return step;
  step.name = text.substr(0, dash);
  step.count = count;
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

// Takes what it can from the history, whose texts may be large.
template <class Value>
BasicInstanceDetail<Value> describe(History history, const Catalogue::Names& names,
                                    const DescribeOptions& options, const Present& present) {
  BasicInstanceDetail<Value> detail;
  static_cast<InstanceSummary&>(detail) = summarize(history.row, names);
  detail.run = history.row.run;
  detail.workflow = names.workflow;
  detail.version = names.version;
  if (options.step.empty()) {
    detail.params = value_of<Value>(std::move(history.params), "params");
    if (history.row.status == Status::complete)
      detail.output = value_of<Value>(std::move(history.output), "output");
  }
  detail.error = std::move(history.error);
  detail.steps.reserve(history.steps.size());
  for (StepRow& row : history.steps) detail.steps.push_back(describe_step<Value>(row, history.row, present));
  detail.step_count = history.step_count;
  detail.buffered_events = history.event_count;
  return detail;
}

template InstanceDetail describe(History history, const Catalogue::Names& names,
                                 const DescribeOptions& options, const Present& present);
template InstanceText describe(History history, const Catalogue::Names& names, const DescribeOptions& options,
                               const Present& present);

HistoryOptions history_options(const DescribeOptions& options) {
  HistoryOptions wanted{.steps = options.steps,
                        .events = false,
                        .output_characters = options.output_characters,
                        .bytes_max = options.bytes_max};
  if (!options.step.empty()) wanted.step = parse_step_name(options.step_kind, options.step);
  return wanted;
}

}  // namespace cairn::engine
