#include "engine/conductor/conductor.hpp"

#include <algorithm>
#include <utility>

// What wakes instances that are in memory, and which of them leave it.
namespace cairn::engine {

void Conductor::set_alarm(Resident& resident) {
  const std::optional<Time> next = resident.next_alarm();
  if (next == resident.alarm) return;
  if (resident.alarm) alarms_.erase({*resident.alarm, resident.key});
  if (next) alarms_.emplace(*next, resident.key);
  resident.alarm = next;
}

void Conductor::set_idle(Resident& resident, Time now) {
  leave_idle(resident);
  const std::size_t bytes = resident.frames->text_bytes();
  resident.idle = idle_.insert(idle_.end(), {.since = now, .key = resident.key, .bytes = bytes});
  idle_bytes_ += bytes;
}

void Conductor::leave_idle(Resident& resident) {
  if (!resident.idle) return;
  const IdleList::iterator idle = *std::exchange(resident.idle, std::nullopt);
  idle_bytes_ -= idle->bytes;
  idle_.erase(idle);
}

void Conductor::ring_alarms(Time now) {
  while (!alarms_.empty() && alarms_.begin()->first <= now) {
    const Key key = alarms_.begin()->second;
    alarms_.erase(alarms_.begin());
    Resident& resident = residents_.at(key);
    resident.alarm.reset();
    const std::optional<Time> due = resident.next_alarm();
    if (due && *due <= now) {
      wake(resident, now);  // sets its alarm, or it is gone
    } else {
      set_alarm(resident);
    }
  }
}

// Frames of waiting instances are a cache: the record rebuilds them.
void Conductor::evict(Time now) {
  const auto is_too_much = [&] {
    return idle_.size() > options_.resident || idle_bytes_ > options_.resident_bytes ||
           saturating_add(idle_.front().since, options_.evict_after) <= now;
  };
  while (!idle_.empty() && is_too_much()) {
    Resident& resident = residents_.at(idle_.front().key);
    if (const std::optional<Time> due = resident.next_due())
      timers_.add({*due, resident.key, resident.workflow});
    erase(resident);
  }
}

std::optional<Time> Conductor::next_time() const {
  if (!begun_ || halting_ || store_.rests()) return std::nullopt;
  std::optional<Time> least;
  const auto lower = [&](Time time) { least = least ? std::min(*least, time) : time; };
  if (!timers_held_) lower(timers_.next());
  if (!alarms_.empty()) lower(alarms_.begin()->first);
  if (!idle_.empty()) lower(saturating_add(idle_.front().since, options_.evict_after));
  return least;
}

}  // namespace cairn::engine
