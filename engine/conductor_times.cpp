#include "engine/conductor.hpp"

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
  if (resident.idle) idle_.erase(*resident.idle);
  resident.idle = idle_.emplace(idle_.end(), now, resident.key);
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
  while (!idle_.empty() && (idle_.size() > options_.resident ||
                            saturating_add(idle_.front().first, options_.evict_after) <= now)) {
    Resident& resident = residents_.at(idle_.front().second);
    if (const std::optional<Time> due = resident.next_due())
      timers_.add({*due, resident.key, resident.workflow});
    erase(resident);
  }
}

std::optional<Time> Conductor::next_time() const {
  if (!begun_ || halting_ || retry_at_) return std::nullopt;
  std::optional<Time> least;
  const auto lower = [&](Time time) { least = least ? std::min(*least, time) : time; };
  if (!timers_held_) lower(timers_.next());
  if (!alarms_.empty()) lower(alarms_.begin()->first);
  if (!idle_.empty()) lower(saturating_add(idle_.front().first, options_.evict_after));
  return least;
}

}  // namespace cairn::engine
