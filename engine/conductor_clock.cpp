#include "engine/conductor.hpp"

#include <algorithm>
#include <utility>

// What happens when the wall clock is set. Spans of time that began by it move with it: those that are in
// memory at once, those in the store by a change that is written before anything else.
namespace cairn::engine {

void Conductor::look_at_clock(Time now) {
  if (!leaps_) return;
  if (const std::optional<MoveClock> moved = leaps_->look({now, uptime()})) move_clock(*moved);
  for (const MoveClock& move : std::exchange(unwritten_moves_, {})) push(move, {});
}

void Conductor::move_clock(const MoveClock& move) {
  unwritten_moves_.push_back(move);
  if (move.by == Duration{0}) return;
  log(LogLevel::warning, "the wall clock was set by " + std::to_string(move.by.count()) +
                             " ms; what began by it keeps its length");
  unmoved_ += move.by;
  for (Idle& idle : idle_) idle.since = saturating_add(idle.since, move.by);
  for (auto& [key, resident] : residents_) {
    resident.move_clock(move.by);
    set_alarm(resident);
  }
  for (Advance& advance : unrecorded_) {
    for (StepResult& result : advance.results) {
      if (result.retry_due) result.retry_due = saturating_add(*result.retry_due, move.by);
    }
  }
}

// With an answer for whoever says so.
void Conductor::confirm_clock(Reply reply, Time now) {
  MoveClock confirmed;
  if (leaps_) confirmed = leaps_->confirm({now, uptime()});
  push(confirmed, {.reply = std::move(reply)});
}

void Conductor::committed(const MoveClock& move) {
  unmoved_ -= move.by;
  timers_.rewind();
}

// The store has not heard of the last leaps yet.
void Conductor::move_record(History& history) const {
  if (unmoved_ == Duration{0}) return;
  for (StepRow& step : history.steps) {
    if (step.moves && step.due) step.due = saturating_add(*step.due, unmoved_);
  }
}

}  // namespace cairn::engine
