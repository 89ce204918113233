#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cairn {

/// Where an instance stands. The numbers are stored in files: never renumber them.
///
/// The words on the wire (`to_string`) are those of Cloudflare's Workflows API.
enum class Status : std::uint8_t {
  queued = 0,             ///< waits for a slot
  running = 1,            ///< holds a slot: workflow code or bodies run
  paused = 2,             ///< stands still until it is resumed
  errored = 3,            ///< ended by an error
  terminated = 4,         ///< ended by request
  complete = 5,           ///< ended with an output
  waiting_for_pause = 6,  ///< a pause was asked for; bodies that run are still finishing
  waiting = 7,            ///< only timers and events are awaited; holds no slot
  rolling_back = 8,       ///< reserved: rollback handlers run
};

/// Why a status changes.
enum class Cause : std::uint8_t {
  start,       ///< a slot is free
  wait,        ///< nothing but timers and events is awaited, and no body runs
  wake,        ///< a timer is due or an event has come, and a slot is free
  requeue,     ///< a timer is due or an event has come, and no slot is free
  pause,       ///< asked to pause while bodies run
  pause_idle,  ///< asked to pause while no body runs
  quiesce,     ///< the last body has ended after a pause was asked for
  resume,      ///< asked to go on
  complete,    ///< the workflow function returned
  fail,        ///< the workflow function threw, or the instance crashed too often
  terminate,   ///< asked to end
  park,        ///< the code contradicts the record
  recover,     ///< a new owner found the instance as its predecessor left it
  restart,     ///< asked to begin again
};

struct Transition {
  Status from;
  Cause cause;
  Status to;
};

/// Every status change there is. The store, the engine, the API and `docs/state-machine.md` read this table
/// alone.
inline constexpr std::array transitions{
    Transition{Status::queued, Cause::start, Status::running},
    Transition{Status::running, Cause::wait, Status::waiting},
    Transition{Status::waiting, Cause::wake, Status::running},
    Transition{Status::waiting, Cause::requeue, Status::queued},
    Transition{Status::queued, Cause::pause, Status::paused},
    Transition{Status::queued, Cause::pause_idle, Status::paused},
    Transition{Status::waiting, Cause::pause, Status::paused},
    Transition{Status::waiting, Cause::pause_idle, Status::paused},
    Transition{Status::running, Cause::pause, Status::waiting_for_pause},
    Transition{Status::running, Cause::pause_idle, Status::paused},
    Transition{Status::waiting_for_pause, Cause::quiesce, Status::paused},
    Transition{Status::paused, Cause::resume, Status::queued},
    Transition{Status::waiting_for_pause, Cause::resume, Status::running},
    Transition{Status::running, Cause::complete, Status::complete},
    Transition{Status::running, Cause::fail, Status::errored},
    Transition{Status::queued, Cause::terminate, Status::terminated},
    Transition{Status::running, Cause::terminate, Status::terminated},
    Transition{Status::waiting, Cause::terminate, Status::terminated},
    Transition{Status::paused, Cause::terminate, Status::terminated},
    Transition{Status::waiting_for_pause, Cause::terminate, Status::terminated},
    Transition{Status::queued, Cause::park, Status::paused},
    Transition{Status::running, Cause::park, Status::paused},
    Transition{Status::running, Cause::recover, Status::queued},
    Transition{Status::waiting_for_pause, Cause::recover, Status::paused},
    Transition{Status::queued, Cause::restart, Status::queued},
    Transition{Status::running, Cause::restart, Status::queued},
    Transition{Status::paused, Cause::restart, Status::queued},
    Transition{Status::errored, Cause::restart, Status::queued},
    Transition{Status::terminated, Cause::restart, Status::queued},
    Transition{Status::complete, Cause::restart, Status::queued},
    Transition{Status::waiting_for_pause, Cause::restart, Status::queued},
    Transition{Status::waiting, Cause::restart, Status::queued},
};

/// The status that `cause` leads to, or nothing when the table has no such row.
[[nodiscard]] constexpr std::optional<Status> next(Status from, Cause cause) noexcept {
  for (const Transition& row : transitions) {
    if (row.from == from && row.cause == cause) return row.to;
  }
  return std::nullopt;
}

/// Whether the instance has ended. Only `restart` leads out of such a status, and only such instances expire.
[[nodiscard]] constexpr bool is_finished(Status status) noexcept {
  return status == Status::complete || status == Status::errored || status == Status::terminated;
}

/// The status that readers see: what a previous owner left `running` waits for its turn again, and what it
/// left `waiting_for_pause` is paused, because no body can be running (`Cause::recover`, implied by the
/// epoch).
[[nodiscard]] constexpr Status effective_status(Status stored, std::int64_t row_epoch,
                                                std::int64_t owner_epoch) noexcept {
  if (row_epoch >= owner_epoch) return stored;
  return next(stored, Cause::recover).value_or(stored);
}

/// The word on the wire, such as `waitingForPause`.
[[nodiscard]] std::string_view to_string(Status status) noexcept;
[[nodiscard]] std::string_view to_string(Cause cause) noexcept;

/// The status of a word on the wire; nothing when there is no such word.
[[nodiscard]] std::optional<Status> parse_status(std::string_view word) noexcept;

}  // namespace cairn
