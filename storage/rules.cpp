#include "storage/rules.hpp"

#include "storage/preconditions.hpp"

#include <limits>

namespace cairn::storage {
namespace {

void change_status(InstanceRow& row, Status status, Time now) {
  row.status = status;
  row.wake_at.reset();
  row.modified = now;
}

void end(InstanceRow& row, Status status, Time now) {
  change_status(row, status, now);
  row.ended = now;
  row.expires = expiry(row.retention, status, now);
}

// Never negative: a wall clock that was set back must not shorten the pauses before.
Duration elapsed(Time from, Time to) {
  if (to <= from) return Duration{0};
  const std::int64_t start = from.time_since_epoch().count();
  const std::int64_t end = to.time_since_epoch().count();
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  if (start < 0 && end > most + start) return Duration{most};
  return Duration{end - start};
}

// The time of the request is kept exactly as long as the instance is paused, or about to be.
void end_pause(InstanceRow& row, Time now) {
  if (!row.paused_at) return;
  row.paused_for = saturating_add(Time{row.paused_for}, elapsed(*row.paused_at, now)).time_since_epoch();
  row.paused_at.reset();
}

bool is_paused(Status status) {
  return status == Status::paused || status == Status::waiting_for_pause;
}

Controlled refusal(const InstanceRow& row, Errc code) {
  return {
      .refused = code, .before = row.status, .after = row.status, .run = row.run, .workflow = row.workflow};
}

Controlled changed(const InstanceRow& row, Status before) {
  return {.before = before, .after = row.status, .changed = true, .run = row.run, .workflow = row.workflow};
}

Controlled pause(InstanceRow& row, bool idle, Time now) {
  if (is_paused(row.status)) return unchanged(row);
  const Status before = row.status;
  const auto after = next(before, idle ? Cause::pause_idle : Cause::pause);
  if (!after) return refusal(row, Errc::cannot_pause);
  change_status(row, *after, now);
  row.paused_at = now;
  return changed(row, before);
}

Controlled resume(InstanceRow& row, Time now) {
  const Status before = row.status;
  if (before == Status::queued || before == Status::running || before == Status::waiting)
    return unchanged(row);
  const auto after = next(before, Cause::resume);
  if (!after) return refusal(row, Errc::cannot_resume);
  end_pause(row, now);
  change_status(row, *after, now);
  row.wake_at = now;
  return changed(row, before);
}

Controlled terminate(InstanceRow& row, Time now) {
  const Status before = row.status;
  const auto after = next(before, Cause::terminate);
  if (!after) return refusal(row, Errc::cannot_terminate);
  end_pause(row, now);
  end(row, *after, now);
  return changed(row, before);
}

Controlled restart(InstanceRow& row, std::int64_t version, Time now) {
  const Status before = row.status;
  const auto after = next(before, Cause::restart);
  if (!after) return refusal(row, Errc::cannot_restart);
  change_status(row, *after, now);
  row.version = version;
  ++row.run;
  row.wake_at = now;
  row.started.reset();
  row.ended.reset();
  row.expires.reset();
  row.paused_at.reset();
  row.paused_for = Duration{0};
  return changed(row, before);
}

bool is_entry(Cause cause) {
  return cause == Cause::start || cause == Cause::wake;
}

bool enter(InstanceRow& row, Cause cause, Time now) {
  const auto after = is_entry(cause) ? next(row.status, cause) : std::nullopt;
  if (!after) return false;
  change_status(row, *after, now);
  if (!row.started) row.started = now;
  return true;
}

bool leave(InstanceRow& row, Cause cause, std::optional<Time> wake_at, Time now) {
  const auto after = next(row.status, cause);
  if (!after) return false;
  switch (cause) {
    case Cause::wait:
    case Cause::requeue:
      change_status(row, *after, now);
      row.wake_at = wake_at;
      return true;
    case Cause::quiesce:
      change_status(row, *after, now);
      return true;
    case Cause::park:
      change_status(row, *after, now);
      row.paused_at = now;
      return true;
    case Cause::complete:
    case Cause::fail:
      end(row, *after, now);
      return true;
    default:
      return false;
  }
}

}  // namespace

Controlled unchanged(const InstanceRow& row) {
  return {.before = row.status, .after = row.status, .run = row.run, .workflow = row.workflow};
}

Controlled control(InstanceRow& row, const Control& change, Time now) {
  switch (change.command) {
    case Command::pause:
      return pause(row, change.idle, now);
    case Command::resume:
      return resume(row, now);
    case Command::terminate:
      return terminate(row, now);
    case Command::restart:
      return restart(row, change.version, now);
  }
  return refusal(row, Errc::internal);
}

void note_progress(InstanceRow& row, Time now) {
  constexpr Duration resolution = std::chrono::seconds{1};
  if (now < row.modified || now >= saturating_add(row.modified, resolution)) row.modified = now;
}

void wake_now(InstanceRow& row, Time now) {
  if (row.status == Status::waiting && (!row.wake_at || *row.wake_at > now)) row.wake_at = now;
}

bool has_continuation(const Advance& change) {
  return change.enter || change.leave || !change.starts.empty() || !change.attempts.empty();
}

bool rests_on_results(const Advance& change) {
  return change.leave != Cause::quiesce;
}

std::optional<InstanceRow> continuation(const InstanceRow& row, const Advance& change, Time now) {
  InstanceRow after = row;
  note_progress(after, now);
  if (change.enter && !enter(after, *change.enter, now)) return std::nullopt;
  const bool begins_something = !change.starts.empty() || !change.attempts.empty();
  if (begins_something && after.status != Status::running) return std::nullopt;
  if (change.leave && !leave(after, *change.leave, change.wake_at, now)) return std::nullopt;
  return after;
}

bool fits(const StepState& step, const StepResult& result) {
  if (step.ended_seq || step.awaits_attempt() || step.attempt != result.attempt) return false;
  return result.ended_seq || (step.kind == StepKind::step && !result.event);
}

bool recorded_already(const StepState& step, const StepResult& result) {
  if (result.ended_seq) return step.ended_seq == result.ended_seq && step.attempt == result.attempt;
  if (result.withdrawn) return step.awaits_attempt() && step.attempt == result.attempt - 1;
  if (result.attempt < 1) return false;
  return result.attempt < step.attempt || (result.attempt == step.attempt && step.awaits_attempt());
}

bool follows(const StepState& step, const AttemptStart& attempt) {
  return step.awaits_attempt() && attempt.attempt == step.attempt + 1;
}

bool starts_follow(const Advance& change, Sequence last_started) {
  for (const StepStart& start : change.starts) {
    if (start.started_seq <= last_started || start.started_seq > sequence_max) return false;
    last_started = start.started_seq;
  }
  return true;
}

}  // namespace cairn::storage
