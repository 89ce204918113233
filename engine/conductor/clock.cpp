#include "engine/conductor/conductor.hpp"

#include <chrono>
#include <optional>
#include <utility>

// What happens when the wall clock is set. Spans of time that began by it move with it: those that are in
// memory at once, those in the store by a change that is written before anything else. Meanwhile no record is
// brought to memory: whether its times have been moved could not be known.
namespace cairn::engine {

void Conductor::look_at_clock(ClockReading reading) {
  if (!leaps_) return;
  if (const std::optional<MoveClock> moved = leaps_->look(reading)) move_clock(*moved);
  if (!store_.rests()) write_moves();
}

// Before any other change of the group.
void Conductor::write_moves() {
  for (const MoveClock& move : std::exchange(unwritten_moves_, {})) {
    group_.changes.emplace_back(move);
    group_.tickets.emplace_back();
  }
}

void Conductor::move_clock(const MoveClock& move) {
  unwritten_moves_.push_back(move);
  ++pending_moves_;
  if (move.by == Duration{0}) return;
  log(LogLevel::warning, "the wall clock was set " + about(std::chrono::abs(move.by)) +
                             (move.by > Duration{0} ? " ahead" : " back") +
                             "; spans of time that began by it keep their length");
  for (Idle& idle : idle_) idle.since = saturating_add(idle.since, move.by);
  for (auto& [key, resident] : residents_) {
    resident.move_clock(move.by);
    set_alarm(resident);
  }
  move_unrecorded(0, move);
}

// Results that are written behind the leap, though they were taken before it: what they say of the time, they
// say by the new clock.
void Conductor::move_unrecorded(std::size_t first, const MoveClock& move) {
  const auto shift = [&](std::optional<Time>& time) {
    if (time) time = saturating_add(*time, move.by);
  };
  for (std::size_t i = first; i < unrecorded_.size(); ++i) {
    for (StepResult& result : unrecorded_[i].results) {
      shift(result.retry_due);
      shift(result.began);
      result.at = saturating_add(result.at, move.by);
    }
  }
}

// With an answer for whoever says so. It counts when it is written.
void Conductor::confirm_clock(Reply reply) {
  ++pending_moves_;
  push(leaps_ ? leaps_->confirm() : MoveClock{}, {.reply = std::move(reply)});
}

// Whoever has confirmed the clock was told that this is not written: then it never is. All others are written
// again.
void Conductor::failed(const MoveClock& move, const Reply& reply, const Error& error) {
  if (reply.failed && error.code() != Errc::outcome_unknown) {
    --pending_moves_;
  } else {
    unwritten_moves_.push_back(move);
  }
}

void Conductor::committed(const MoveClock& move, Time now) {
  --pending_moves_;
  if (leaps_) leaps_->written(move, {now, uptime()});
  if (move.by != Duration{0}) timers_.rewind();
}

}  // namespace cairn::engine
