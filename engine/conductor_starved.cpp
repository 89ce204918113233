#include "engine/conductor.hpp"

#include <string>
#include <utility>

namespace cairn::engine {

namespace {

// In a row. Code that asks for what it can never get ends its instance then, as with any other exception.
constexpr int tries_max = 5;

}  // namespace

// Workflow code that found no memory has decided nothing. What is to be done stands in the record, from which
// the instance goes on as after a crash: at once, behind those that wait for a slot. True: `resident` may be
// gone.
bool Conductor::begin_anew_if_starved(Resident& resident, Advance& advance) {
  if (!resident.frames->starved()) {
    if (!starved_.empty()) starved_.erase(resident.key);
    return false;
  }
  if (++starved_[resident.key] > tries_max) {
    starved_.erase(resident.key);
    return false;
  }
  log(LogLevel::warning, "workflow code of " + resident.definition->name + " (key " +
                             std::to_string(resident.key) +
                             ") found no memory; it begins anew from its record");
  resident.rebuild = true;
  emit(resident, std::move(advance));
  condemn(resident);
  return true;
}

}  // namespace cairn::engine
