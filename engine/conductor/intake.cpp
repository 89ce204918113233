#include "engine/conductor/conductor.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace cairn::engine {

namespace {

std::exception_ptr stopped_error() {
  return std::make_exception_ptr(
      Error{Errc::engine_stopped, "the engine was stopped before the instance ended"});
}

}  // namespace

void Conductor::push(Change change, Ticket ticket) {
  write_moves();
  group_.changes.push_back(std::move(change));
  group_.tickets.push_back(std::move(ticket));
}

void Conductor::handle(Intake& intake, Time now) {
  if (intake.withdrawal && !intake.withdrawal->take()) return;
  if (auto* request = std::get_if<Control>(&intake.change))
    return control(*request, std::move(intake.reply), now);
  if (auto* event = std::get_if<SendEvent>(&intake.change)) return send(*event, intake.reply, now);
  if (std::holds_alternative<MoveClock>(intake.change)) return confirm_clock(std::move(intake.reply));
  auto* batch = std::get_if<CreateBatch>(&intake.change);
  if (batch != nullptr) {
    batch->first_key = next_key_;
    next_key_ += static_cast<Key>(batch->rows.size());
  }
  push(std::move(intake.change), {.reply = std::move(intake.reply)});
  if (batch != nullptr) ask_for_ids(group_.changes.size() - 1, 0);
}

void Conductor::handle(Register& added, Time /*now*/) {
  const LaneId lane = scheduler_.lane_of(added.definition->workflow);
  concerns_.note_definition(*added.definition, added.versions);
  scheduler_.set_limit(lane, added.definition->options.concurrency);
  registry_.add(std::move(added.definition), added.versions);
  if (!begun_) return;
  scheduler_.rescan(lane);
  timers_.rewind();
}

void Conductor::handle(Watch& watch, Time /*now*/) {
  if (halting_) return tell(watch, stopped_error(), {});
  const Key key = watch.key;
  watchers_.emplace(key, std::move(watch));
  // One that runs here has not ended; when it does, this is where it is seen.
  const Resident* resident = find(key);
  if (resident == nullptr || resident->over || resident->condemned) reads_.push_back(ReadEnd{key});
}

void Conductor::handle(Unwatch& unwatch, Time /*now*/) {
  const auto [first, last] = watchers_.equal_range(unwatch.key);
  const auto found = std::find_if(first, last,
                                  [&](const auto& entry) { return entry.second.number == unwatch.number; });
  if (found != last) watchers_.erase(found);
}

void Conductor::handle(BodyDone& done, Time now) {
  if (Resident* resident = find(done.key, done.residency)) body_done(*resident, done, now);
}

void Conductor::handle(Begin& /*begin*/, Time /*now*/) {
  begun_ = true;
  scheduler_.rescan_all();
}

// What the store refused before is tried once more, whatever time it was to be given: nobody asks it later.
// If it refuses again, that goes with whatever else there is to write, and no stop waits for it.
void Conductor::handle(Halt& /*halt*/, Time now) {
  write_moves();
  write_unrecorded();
  halt(now);
}

// What has not begun is withdrawn, so that nobody waits for it and no crash is counted.
void Conductor::halt(Time now) {
  halting_ = true;
  std::vector<Key> keys;
  for (const auto& [key, resident] : residents_) keys.push_back(key);
  for (const Key key : keys) {
    const Residency residency = residents_.at(key).residency;
    condemn(residents_.at(key));
    call_off(key, residency, now);
  }
  for (auto& [key, watch] : watchers_) tell(watch, stopped_error(), {});
  watchers_.clear();
}

Actions Conductor::abandon() noexcept {
  Actions actions;
  actions.log = std::exchange(actions_.log, {});
  actions.notifications = std::exchange(actions_.notifications, {});
  actions.answered = std::exchange(actions_.answered, {});
  actions.watchers = std::exchange(watchers_, {});
  actions.granted = std::exchange(actions_.granted, {});
  // Who waits for an answer is told by its end. The changes stay: they may be on their way to the store.
  group_.tickets.clear();
  writing_.tickets.clear();
  for (auto& [key, resident] : residents_) {
    resident.arrival.reset();
    resident.returning.clear();
  }
  try {
    for (auto& [key, resident] : residents_) {
      for (auto& [seq, flight] : resident.flights) {
        if (!flight.launch || !flight.launch->call_off()) actions.stops.push_back(flight.stop);
      }
    }
  } catch (const std::bad_alloc&) {
    // The others are not asked: they end when they end.
    return actions;
  }
  return actions;
}

void Conductor::handle(Tick& /*tick*/, Time /*now*/) {}  // `pump` looks at the time

}  // namespace cairn::engine
