#include "engine/conductor/conductor.hpp"

#include <string>
#include <utility>

namespace cairn::engine {

namespace {

// In a row. For code that asks for what it can never get, the next time is one like any other exception.
constexpr int starved_max = 5;

}  // namespace

// Workflow code that found no memory has decided nothing. What is to be done stands in the record, from which
// the instance goes on as after a crash: at once, behind those that wait for a slot. What it has asked for
// before is recorded, for it will ask for it again in that order. `resident` may be gone afterwards.
void Conductor::begin_anew(Resident& resident, Advance advance, Time now) {
  ++starved_[resident.key];
  log(LogLevel::warning,
      "workflow code of " + resident.name() + " found no memory; it begins anew from its record");
  resident.rebuild = true;
  if (resident.frames->replayed()) add_starts(resident, advance, now);
  emit(resident, std::move(advance));
  condemn(resident);
}

// It has gone on without.
void Conductor::forget_starvation(const Resident& resident) {
  if (starved_.erase(resident.key) > 0) resident.frames->endure(false);
}

bool Conductor::has_starved_enough(Key key) const {
  const auto found = starved_.find(key);
  return found != starved_.end() && found->second >= starved_max;
}

}  // namespace cairn::engine
