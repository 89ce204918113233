#pragma once

#include <cairn/command.hpp>
#include <cairn/error.hpp>
#include <cairn/key.hpp>
#include <cairn/on_conflict.hpp>
#include <cairn/retention.hpp>
#include <cairn/rows.hpp>
#include <cairn/status.hpp>
#include <cairn/step.hpp>
#include <cairn/time.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// All that is ever asked of a store to write, and what it answers: values. It may change in minor versions
/// before 1.0.
namespace cairn {

// ----------------------------------------------------------------------------------------------------------
// changes

/// Intake. Finds or makes a workflow and one version of it. Outcome: `Defined`.
struct Define {
  std::string name = {};         ///< of the workflow
  std::string version = {};      ///< the host's tag
  std::string workflow_id = {};  ///< UUID to use when the workflow is new
  std::string version_id = {};   ///< UUID to use when the version is new
};

/// One instance to be made.
struct NewRow {
  std::string id = {};
  std::string params = {};   ///< JSON text, stored as it is
  Retention retention = {};  ///< with all defaults applied
  bool id_is_new = false;    ///< made at random for this row: nobody can have it, and nobody need ask
};

/// Intake. Makes instances in one go: `queued`, run 1, created now; the first `begun` of them `running` and
/// started now, because their first `Advance` is in the same group, or because their ids were taken when the
/// group was put together. Row i gets the key `first_key + i`; skipped rows leave a gap. `first_key` is at
/// least `Ownership::next_key`, which becomes `first_key + rows.size()`. An id that is taken in the workflow,
/// or stands earlier in `rows`, is a conflict. Outcome: `Created`.
struct CreateBatch {
  std::int64_t workflow = 0;
  std::int64_t version = 0;
  Key first_key = 0;
  std::vector<NewRow> rows = {};
  OnConflict on_conflict = OnConflict::skip;
  std::size_t begun = 0;
};

/// Intake. Appends an event to an unfinished instance. When a `wait_for_event` step of that type is open, the
/// instance's wake time becomes now, if it is later (for `waiting` instances). Outcome: `Sent`.
struct SendEvent {
  Key key = 0;
  std::string type = {};
  std::string payload = {};      ///< JSON text
  std::size_t buffered_max = 0;  ///< refused (`too_large`) when so many events are waiting already
};

/// Intake. A request about one instance. Outcome: `Controlled`.
///
/// - pause: `pause_idle` when `idle`, else `pause`. Notes now as the time of the request and clears the wake
///   time. Already paused or pausing: nothing changes. Finished: `cannot_pause`.
/// - resume: adds the paused time to `paused_for`; the wake time becomes now. Queued, running or waiting:
///   nothing changes. Finished: `cannot_resume`.
/// - terminate: ends the instance now; fixes `expires`, clears the wake time. Finished: `cannot_terminate`.
/// - restart: run + 1 under `version`, `queued` with the wake time now; steps, events, output, error, start,
///   end, expiry and paused time are forgotten; id, params, creation time and retention stay.
struct Control {
  Key key = 0;
  Command command = Command::pause;
  bool idle = true;          ///< pause: no body of the instance runs
  std::int64_t version = 0;  ///< restart: the version to run from now on
  bool if_parked = false;    ///< resume: nothing changes, unless an error says why it is paused
};

/// A step that begins: a row of its own, numbered by `started_seq`.
/// For kind `step` the first attempt begins with it; unless it has a due time: then it waits for a worker,
/// with attempt 0, and its first attempt is an `AttemptStart`.
struct StepStart {
  Sequence started_seq = 0;
  StepKind kind = StepKind::step;
  std::string name = {};                   ///< without the counter
  std::int32_t count = 1;                  ///< n-th use of (kind, name) in this run, from 1
  std::string config = {};                 ///< JSON text shown to readers; empty: none
  std::string event_type = {};             ///< of `wait_for_event`
  std::optional<Time> due = std::nullopt;  ///< end of a sleep, or timeout of a wait, less `paused_for` unless
                                           ///< `due_fixed`; or when a body began to wait for a worker
  bool due_fixed = false;                  ///< a `sleep_until`: does not shift by the paused time
  Time at = {};
};

/// The next attempt of an open step begins.
struct AttemptStart {
  Sequence started_seq = 0;
  std::int32_t attempt = 1;
  Time at = {};
};

/// How an attempt ended: with the step (`ended_seq` is set), or failed with another attempt to come
/// (`retry_due`). For `sleep` and `wait_for_event` the attempt is 1.
///
/// An attempt whose body never began is `withdrawn`: the step is again as it was before it, due at
/// `retry_due`; no failure is recorded, and the next attempt bears the same number.
struct StepResult {
  Sequence started_seq = 0;
  std::int32_t attempt = 1;
  std::optional<Sequence> ended_seq = std::nullopt;
  std::optional<Time> retry_due = std::nullopt;       ///< less `paused_for`
  std::string output = {};                            ///< JSON text, when the step succeeded
  std::optional<RecordedError> error = std::nullopt;  ///< when the attempt failed
  bool interrupted = false;                           ///< the attempt was cut off by a crash
  bool withdrawn = false;                             ///< the attempt never began
  std::optional<Time> began = std::nullopt;           ///< when its body did; nothing: as the start says
  std::optional<std::int64_t> event = std::nullopt;   ///< that this wait consumed; removed in the write
  Time at = {};
};

/// Owner. What one instance did since its last change, fused: results, then what they led to.
///
/// Each result is accepted on its own in every unfinished status, when run, step and attempt match an open
/// attempt; a result that is recorded already with the same `ended_seq` is accepted again without effect. The
/// rest is the *continuation*, taken or refused as a whole. It is refused when one of the results was, since
/// the code has come to it by them, unless it leaves by `quiesce`. `enter` must be a row of the table from
/// the status found; `starts` and `attempts` need the status `running` after that; then `leave` must be a row
/// of the table. An `Advance` with none of these has an empty continuation, which is always taken. `enter`
/// sets `started` if unset; a wake time is cleared by every change of status but `wait` and `requeue`, which
/// write `wake_at`; for `wait` it becomes now, if it is later, where an event is buffered that an open wait
/// awaits. `complete` and `fail` fix `ended` and `expires`. Every change of status stamps the owner's epoch
/// on the row. Outcome: `Advanced`.
struct Advance {
  Key key = 0;
  std::int32_t run = 1;
  std::vector<StepResult> results = {};
  std::optional<Cause> enter = std::nullopt;  ///< start, wake
  std::vector<StepStart> starts = {};
  std::vector<AttemptStart> attempts = {};
  std::optional<Cause> leave = std::nullopt;   ///< wait, requeue, quiesce, complete, fail, park
  std::optional<Time> wake_at = std::nullopt;  ///< for wait and requeue; nothing: only an event wakes it
  std::string output = {};                     ///< JSON text, for complete
  std::optional<RecordedError> error = std::nullopt;  ///< for fail and park
};

/// Owner. Deletes up to `limit` instances whose `expires` is at or before now and `until`, earliest first,
/// with all that belongs to them. Outcome: `Swept`.
struct Sweep {
  std::size_t limit = 0;
  Time until = Time::max();  ///< when the clock was last believed: it may have leapt since
};

/// How far one `MoveClock` may move: 10,000 years, which keeps every sum far from overflow.
inline constexpr Duration clock_move_max = std::chrono::hours{24 * 366 * 10'000};

/// Owner. The wall clock was set: it has moved by `by` against the clock that never leaps, forward or back.
///
/// Spans of time that began by this clock move with it, and so keep their length. *This clock*: all that was
/// written since this owner came; and before it, as long as the clock was in doubt without a break. What
/// moves: what steps are due at (unless `due_fixed`), when a pause began, when an instance expires. A wake
/// time moves back and never forward: whoever is woken too early waits again. What says when something
/// happened stays as it was recorded.
///
/// Nothing is rewritten: the store remembers which clock a row was written by, and reads give the moved
/// times. What the group holds behind this change is written by the new clock. Outcome: `ClockMoved`.
struct MoveClock {
  Duration by = {};       ///< at most `clock_move_max` either way
  bool doubtful = false;  ///< whether the clock is in doubt from now on
  /// The number of the clock that begins, above `Ownership::clock` and rising; 0: the next one. A number that
  /// the store has come to already changes nothing: so a change can be written again when nobody knows
  /// whether it was.
  std::int64_t clock = 0;
};

/// The only way anything is written.
using Change = std::variant<Define, CreateBatch, SendEvent, Control, Advance, Sweep, MoveClock>;

// ---------------------------------------------------------------------------------------------------------
// outcomes

struct Defined {
  std::int64_t workflow = 0;
  std::int64_t version = 0;
  std::string workflow_id = {};  ///< as stored
  std::string version_id = {};   ///< as stored
};

struct Conflict {
  std::size_t index = 0;                      ///< in `CreateBatch::rows`
  Errc code = Errc::instance_already_exists;  ///< or `duplicate_in_batch`
};

struct Created {
  std::vector<Conflict> conflicts = {};  ///< rising by index
  bool refused = false;                  ///< `OnConflict::fail` met a conflict: nothing was created
};

struct Sent {
  std::optional<Errc> refused = std::nullopt;  ///< instance_not_found, cannot_send_event, too_large
  std::int64_t event = 0;                      ///< number of the event, rising in the life of the store
  bool awaited = false;                        ///< an open wait of that type was found
  Status status = Status::queued;              ///< of the instance
  std::int32_t run = 0;
  std::int64_t workflow = 0;
};

struct Controlled {
  std::optional<Errc> refused = std::nullopt;  ///< instance_not_found, cannot_*
  Status before = Status::queued;
  Status after = Status::queued;  ///< equal to `before` and not `changed`: nothing to do
  bool changed = false;
  std::int32_t run = 0;  ///< after the change
  std::int64_t workflow = 0;
};

struct Advanced {
  bool recorded = true;            ///< every result was accepted
  bool continued = true;           ///< the continuation was taken
  bool found = true;               ///< the instance exists and is in that run
  Status status = Status::queued;  ///< after the change
};

struct Swept {
  std::size_t instances = 0;
  std::size_t steps = 0;
  std::size_t events = 0;
  bool more = false;  ///< `limit` was reached, or the search took too long: there may be more that is due
};

struct ClockMoved {};

/// One for each change, of the kind that the change names.
using Outcome = std::variant<Defined, Created, Sent, Controlled, Advanced, Swept, ClockMoved>;

}  // namespace cairn
