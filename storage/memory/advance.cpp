#include "storage/memory/store.hpp"
#include "storage/preconditions.hpp"
#include "storage/rules.hpp"

#include <algorithm>

// Changes of the owner: what its instances have done, and what it deletes.
namespace cairn::memory {

namespace {

storage::StepState state_of(const StepRow& step) {
  return {.kind = step.kind, .attempt = step.attempt, .due = step.due, .ended_seq = step.ended_seq};
}

void record_end(StepRow& step, const StepResult& result) {
  step.ended_seq = result.ended_seq;
  step.ended = result.at;
  step.error = result.error;
  if (!result.error) step.output = result.output;
  step.attempt_started = result.began.value_or(step.attempt_started);
}

// Another attempt follows.
void leave_open(StepRow& step, const StepResult& result) {
  step.due = result.retry_due;
  if (result.withdrawn) {
    --step.attempt;
    return;
  }
  step.failures.push_back(
      {result.began.value_or(step.attempt_started), result.at, result.error, result.interrupted});
  step.crashes += result.interrupted ? 1 : 0;
}

StepRow begin(const StepStart& start) {
  StepRow step;
  step.started_seq = start.started_seq;
  step.kind = start.kind;
  step.name = start.name;
  step.count = start.count;
  step.config = start.config;
  step.event_type = start.event_type;
  step.started = start.at;
  step.attempt_started = start.at;
  step.due = start.due;
  step.due_fixed = start.due_fixed;
  if (start.kind == StepKind::step && start.due) step.attempt = 0;
  return step;
}

}  // namespace

bool MemoryStore::record(Instance& instance, const StepResult& result, Time now) {
  const auto found = instance.steps.find(result.started_seq);
  if (found == instance.steps.end()) return false;
  const StepRow& step = found->second.row;
  if (storage::recorded_already(state_of(step), result)) return true;
  if (is_finished(instance.row.status) || !storage::fits(state_of(step), result)) return false;
  if (result.event) {
    const auto event = instance.events.find(*result.event);
    if (event == instance.events.end()) return false;
    if (step.kind != StepKind::wait_for_event || event->second.type != step.event_type) return false;
    take_event(instance, *result.event);
  }
  Step written{step_of(found->second), clocks_.number()};
  written.row.moves = false;
  result.ended_seq ? record_end(written.row, result) : leave_open(written.row, result);
  save(found->second);
  found->second = std::move(written);
  InstanceRow row = row_of(instance);
  storage::note_progress(row, now);
  keep(instance, std::move(row));
  return true;
}

bool MemoryStore::awaited_is_there(const Instance& instance) {
  return std::ranges::any_of(instance.events, [&](const auto& event) {
    return std::ranges::any_of(instance.steps, [&](const auto& step) {
      const StepRow& row = step.second.row;
      return row.kind == StepKind::wait_for_event && !row.ended_seq && row.event_type == event.second.type;
    });
  });
}

bool MemoryStore::go_on(Instance& instance, const Advance& advance, Time now) {
  auto row = storage::continuation(row_of(instance), advance, now);
  const Sequence last = instance.steps.empty() ? 0 : instance.steps.rbegin()->first;
  const bool attempts_follow = std::ranges::all_of(advance.attempts, [&](const AttemptStart& attempt) {
    const auto found = instance.steps.find(attempt.started_seq);
    return found != instance.steps.end() && storage::follows(state_of(found->second.row), attempt);
  });
  if (!row || !storage::starts_follow(advance, last) || !attempts_follow) return false;

  keep(instance, std::move(*row));
  for (const StepStart& start : advance.starts) add_step(instance, begin(start));
  for (const AttemptStart& attempt : advance.attempts) {
    Step& step = instance.steps.at(attempt.started_seq);
    save(step);
    step.row.attempt = attempt.attempt;
    step.row.attempt_started = attempt.at;
    step.row.due.reset();
  }
  if (advance.leave == Cause::wait && awaited_is_there(instance)) {
    InstanceRow woken = row_of(instance);
    storage::wake_now(woken, now);
    keep(instance, std::move(woken));
  }
  if (advance.leave) save_end(instance);
  if (advance.leave == Cause::complete) instance.output = advance.output;
  if (advance.leave == Cause::fail || advance.leave == Cause::park) instance.error = advance.error;
  return true;
}

Outcome MemoryStore::change(const Advance& advance, Time now) {
  const auto found = instances_.find(advance.key);
  if (found == instances_.end()) return Advanced{.recorded = false, .continued = false, .found = false};
  Instance& instance = found->second;
  Advanced advanced{.status = instance.row.status};
  if (instance.row.run != advance.run) {
    advanced.recorded = advanced.continued = advanced.found = false;
    return advanced;
  }
  for (const StepResult& result : advance.results) {
    if (!record(instance, result, now)) advanced.recorded = false;
  }
  if (storage::has_continuation(advance)) {
    const bool may = advanced.recorded || !storage::rests_on_results(advance);
    advanced.continued = may && go_on(instance, advance, now);
  }
  advanced.status = instance.row.status;
  return advanced;
}

Outcome MemoryStore::change(const Sweep& sweep, Time now) {
  Swept swept;
  const Time until = std::min(now, sweep.until);
  while (swept.instances < sweep.limit && !expiring_.empty() && expiring_.begin()->first <= until) {
    const Key key = expiring_.begin()->second;
    const Instance& instance = instances_.at(key);
    ++swept.instances;
    swept.steps += instance.steps.size();
    swept.events += instance.events.size();
    remove(key);
  }
  swept.more = swept.instances == sweep.limit;
  return swept;
}

Outcome MemoryStore::change(const MoveClock& move, Time /*now*/) {
  storage::Clocks clocks = clocks_;
  clocks.move(move, last_time_);
  keep_clocks(std::move(clocks));
  return ClockMoved{};
}

}  // namespace cairn::memory
