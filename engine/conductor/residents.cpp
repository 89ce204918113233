#include "engine/conductor/conductor.hpp"

#include <utility>

// Instances that are in memory: who is woken, who goes on no more, who leaves.
namespace cairn::engine {

Resident* Conductor::find(Key key) {
  const auto found = residents_.find(key);
  return found == residents_.end() ? nullptr : &found->second;
}

Resident* Conductor::find(Key key, Residency residency) {
  Resident* resident = find(key);
  return resident != nullptr && resident->residency == residency ? resident : nullptr;
}

void Conductor::wake(Resident& resident, Time now) {
  if (!resident.is_able()) return;
  if (resident.holds_slot) return settle(resident, {}, now);
  if (resident.slot_lent) return want_slot_back(resident);
  if (scheduler_.may_begin_at_once(resident.lane)) {
    take_slot(resident);
    return settle(resident, {}, now);
  }
  Advance requeue{.key = resident.key, .run = resident.run, .leave = Cause::requeue, .wake_at = now};
  push(std::move(requeue),
       {.key = resident.key, .residency = resident.residency, .workflow = resident.workflow});
  resident.status = Status::queued;
  resident.wants_slot = true;
  leave_idle(resident);
  enqueue(resident.lane, resident.key);
  set_alarm(resident);
}

void Conductor::condemn(Resident& resident) {
  resident.condemned = true;
  resident.suspended = false;
  resident.wants_slot = false;
  forget_unplaced(resident);
  resident.rests_since.reset();
  if (halting_) ask_to_stop(resident);
  if (resident.flights.empty()) return retire(resident);
  lend_slot(resident);
  set_alarm(resident);
}

void Conductor::ask_to_stop(Resident& resident) {
  for (const auto& [seq, flight] : resident.flights) actions_.stops.push_back(flight.stop);
  if (!resident.returning.empty()) regain_slot(resident);  // it goes on to its end
}

void Conductor::retire(Resident& resident) {
  if (resident.rebuild) enqueue(resident.lane, resident.key);
  erase(resident);
}

void Conductor::erase(Resident& resident) {
  release_slot(resident);
  forget_unplaced(resident);
  if (resident.wants_back) scheduler_.drop_returning(resident.lane, resident.key);
  if (resident.alarm) alarms_.erase({*resident.alarm, resident.key});
  leave_idle(resident);
  if (!group_.changes.empty()) left_.insert(resident.key);
  residents_.erase(resident.key);
}

}  // namespace cairn::engine
