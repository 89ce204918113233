#include "engine/conductor/conductor.hpp"

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
  if (flight == nullptr || flight->over_first.erase(lend.wait) > 0) return;
  flight->waits.insert(lend.wait);
  if (std::exchange(flight->lends, true)) return;
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

void Conductor::handle(TakeBack& back, Time now) {
  std::shared_ptr<Grant> granted = std::move(back.granted);
  const auto [resident, flight] = find_flight(back.key, back.residency, back.started_seq);
  if (flight != nullptr && flight->waits.erase(back.wait) == 0) flight->over_first.insert(back.wait);
  if (flight == nullptr || !flight->waits.empty() || !resident->slot_lent) {
    if (flight != nullptr) take_place_back(*resident, *flight);
    actions_.granted.push_back(std::move(granted));
    return;
  }
  resident->returning.push_back({back.started_seq, std::move(granted)});
  const bool is_asked = flight->timed_out || resident->dead || flight->stop.stop_requested();
  if (back.at_once || is_asked || halting_ || scheduler_.may_begin_at_once(resident->lane)) {
    regain_slot(*resident);
    go_on_with_slot(*resident, now);
  } else {
    want_slot_back(*resident);
  }
}

void Conductor::take_place_back(Resident& resident, Flight& flight) {
  if (!flight.waits.empty() || !std::exchange(flight.lends, false)) return;
  places_.take(flight.carrier);
  --resident.lending;
}

void Conductor::want_slot_back(Resident& resident) {
  if (std::exchange(resident.wants_back, true)) return;
  scheduler_.push_returning(resident.lane, resident.key);
  set_alarm(resident);
}

void Conductor::regain_slot(Resident& resident) {
  if (std::exchange(resident.slot_lent, false)) take_slot(resident);
  if (std::exchange(resident.wants_back, false)) scheduler_.drop_returning(resident.lane, resident.key);
  set_alarm(resident);
  for (Returning& returning : std::exchange(resident.returning, {})) {
    const auto flight = resident.flights.find(returning.started_seq);
    if (flight != resident.flights.end()) take_place_back(resident, flight->second);
    actions_.granted.push_back(std::move(returning.granted));
  }
}

// What came meanwhile goes on as well. `resident` may be gone afterwards.
void Conductor::go_on_with_slot(Resident& resident, Time now) {
  resident.is_able() ? settle(resident, {}, now) : lend_slot(resident);
}

// Its turn has come. Who wanted the slot for its frames may have no use for it any more.
void Conductor::come_back(Key key, Time now) {
  Resident* const resident = find(key);
  if (resident == nullptr || !resident->slot_lent || !std::exchange(resident->wants_back, false)) return;
  if (resident->returning.empty() && !resident->is_able()) return;
  regain_slot(*resident);
  go_on_with_slot(*resident, now);
}

}  // namespace cairn::engine
