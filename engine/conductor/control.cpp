#include "engine/conductor/conductor.hpp"

#include <utility>

// Requests about one instance. Memory follows at once; should the store find otherwise, or fail, the frames
// are condemned and rebuilt from the record.
namespace cairn::engine {

void Conductor::control(Control control, Reply reply, Time now) {
  Resident* resident = find(control.key);
  control.idle = resident == nullptr || resident->flights.empty();
  const Command command = control.command;
  push(control, {.reply = std::move(reply),
                 .key = control.key,
                 .workflow = resident == nullptr ? 0 : resident->workflow});
  changed_.insert(control.key);
  if (resident == nullptr) return;
  const bool over = is_finished(resident->status);
  switch (command) {
    case Command::pause:
      if (!resident->dead && !over) pause(*resident, now);
      return;
    case Command::resume:
      if (resident->dead || (control.if_parked && resident->pausing)) return;
      return resume(*resident, now);
    case Command::terminate:
      if (!over) discard_run(*resident);
      return;
    case Command::restart:
      return discard_run(*resident);
  }
}

// While bodies run, the frames stand still and stay: what bodies bring is recorded, and kept for them.
// Without bodies the instance is paused at once, for any time, and the record is enough.
void Conductor::pause(Resident& resident, Time now) {
  resident.begin_pause(now);
  resident.pausing = !resident.flights.empty();
  resident.rebuild = false;
  if (!resident.pausing || resident.condemned) return condemn(resident);
  resident.suspended = true;
  resident.rests_since.reset();
  forget_unplaced(resident);
  lend_slot(resident);
  set_alarm(resident);
}

// Before its last body has returned it goes on with what was kept, in the recorded order; then with what has
// come due, and with events. Frames that are condemned cannot.
void Conductor::resume(Resident& resident, Time now) {
  if (!resident.suspended && !resident.condemned) return;
  resident.pausing = false;
  resident.end_pause(now);
  if (resident.condemned) {
    resident.rebuild = true;
    return;
  }
  resident.suspended = false;
  resident.slot_lent ? want_slot_back(resident) : settle(resident, {}, now);
}

void Conductor::discard_run(Resident& resident) {
  resident.dead = true;
  resident.pausing = false;
  resident.rebuild = false;
  condemn(resident);
}

}  // namespace cairn::engine
