#pragma once

#include <cairn/store.hpp>

#include <optional>

// What a change does to an instance's row, free of any database: every store asks these functions, so that
// all of them answer alike. How rows are found and kept is theirs. Every status here is an effective one.
namespace cairn::storage {

// Carries out `change` on `row`. When the outcome says `changed`, the caller keeps the row; after a restart
// it also forgets steps, events, output and error of the run before, and after a resume the error of a park.
[[nodiscard]] Controlled control(InstanceRow& row, const Control& change, Time now);

// What a request answers that finds nothing to do.
[[nodiscard]] Controlled unchanged(const InstanceRow& row);

// A step of the instance went on, which moves `modified` at most once a second: the row would otherwise be
// written with every step, for nothing but a time that the step tells as well. (File systems do the same with
// the time of the last access.)
void note_progress(InstanceRow& row, Time now);

// Something has come for which the instance waits. A wake time that has passed already stays: another step
// was due then.
void wake_now(InstanceRow& row, Time now);

// Whether `change` asks for more than that results are recorded.
[[nodiscard]] bool has_continuation(const Advance& change);

// Whether the continuation must not be taken unless every result of `change` was: the code came to it by
// them, or by others that were not there without them. That the last body has returned does not depend on
// what it brought.
[[nodiscard]] bool rests_on_results(const Advance& change);

// The row after the continuation of `change`; nothing when the status of `row` does not allow all of it.
[[nodiscard]] std::optional<InstanceRow> continuation(const InstanceRow& row, const Advance& change,
                                                      Time now);

// What decides whether a result, or a further attempt, fits a step.
struct StepState {
  StepKind kind = StepKind::step;
  std::int32_t attempt = 0;
  std::optional<Time> due = std::nullopt;
  std::optional<Sequence> ended_seq = std::nullopt;

  // A body that waits for its next attempt; the others are in flight, or have ended.
  [[nodiscard]] bool awaits_attempt() const {
    return kind == StepKind::step && due.has_value() && !ended_seq.has_value();
  }
};

// Whether it ends the attempt that is in flight. An event that it consumes is for the store to judge.
[[nodiscard]] bool fits(const StepState& step, const StepResult& result);

// Whether it was recorded before: then it is accepted again without effect.
[[nodiscard]] bool recorded_already(const StepState& step, const StepResult& result);

// Whether it is the next attempt of a step that awaits one.
[[nodiscard]] bool follows(const StepState& step, const AttemptStart& attempt);

// Whether the starts are numbered in rising order, above every step that the run has recorded so far, and
// within `sequence_max`.
[[nodiscard]] bool starts_follow(const Advance& change, Sequence last_started);

}  // namespace cairn::storage
