#include "engine/conductor.hpp"

#include <utility>

// A body that waits for another instance does nothing meanwhile, and the other may need what it holds. So it
// lends its place among the bodies in flight, and its instance lends its slot while all its bodies wait.
//
// Nobody stands still over it: who waits for another instance holds nothing; who wants its slot back holds
// nothing either; and who has its slot and waits for a worker waits for bodies that run, each of which
// returns or lends its worker in turn.
namespace cairn::engine {

void Conductor::handle(Lend& lend, Time /*now*/) {
  const auto [resident, flight] = find_flight(lend.key, lend.residency, lend.started_seq);
  if (flight == nullptr || ++flight->waits != 1) return;
  places_.leave(flight->carrier);
  ++resident->lending;
  lend_slot(*resident);
}

void Conductor::lend_slot(Resident& resident) {
  const bool all_wait = resident.lending > 0 && resident.lending == resident.flights.size();
  if (!all_wait || !resident.holds_slot || resident.has_unplaced() || resident.rests_since) return;
  release_slot(resident);
  resident.slot_lent = true;
}

void Conductor::handle(TakeBack& back, Time /*now*/) {
  std::shared_ptr<Grant> granted = std::move(back.granted);
  const auto [resident, flight] = find_flight(back.key, back.residency, back.started_seq);
  if (flight != nullptr && --flight->waits == 0) {
    places_.take(flight->carrier);
    --resident->lending;
  }
  if (flight == nullptr || flight->waits > 0 || !resident->slot_lent) {
    actions_.granted.push_back(std::move(granted));
    return;
  }
  resident->returning.push_back(std::move(granted));
  if (back.at_once || halting_ || may_begin_at_once(lane(resident->workflow))) {
    regain_slot(*resident);
  } else {
    want_slot_back(*resident);
  }
}

void Conductor::want_slot_back(Resident& resident) {
  if (std::exchange(resident.wants_back, true)) return;
  lane(resident.workflow).push_returning(resident.key);
  set_alarm(resident);
}

void Conductor::regain_slot(Resident& resident) {
  if (std::exchange(resident.slot_lent, false)) take_slot(resident);
  if (std::exchange(resident.wants_back, false)) lane(resident.workflow).drop_returning(resident.key);
  set_alarm(resident);
  for (std::shared_ptr<Grant>& granted : std::exchange(resident.returning, {})) {
    actions_.granted.push_back(std::move(granted));
  }
}

// Its turn has come. What came due meanwhile goes on as well.
void Conductor::come_back(Key key, Time now) {
  Resident* const resident = find(key);
  if (resident == nullptr || !resident->slot_lent || !std::exchange(resident->wants_back, false)) return;
  regain_slot(*resident);
  if (resident->is_able()) settle(*resident, {}, now);
}

}  // namespace cairn::engine
