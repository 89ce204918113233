#pragma once

#include <cairn/error.hpp>
#include <cairn/key.hpp>
#include <cairn/retention.hpp>
#include <cairn/status.hpp>
#include <cairn/step.hpp>
#include <cairn/time.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a store gives to those who read: values, complete in themselves. It may change in minor versions
/// before 1.0.
namespace cairn {

/// Position in the order of starts and deliveries within one run, rising from 1, possibly with gaps: a start
/// and the end of a step each take one number from the same count. Replay repeats exactly this order.
using Sequence = std::int64_t;

struct WorkflowRow {
  std::int64_t workflow = 0;
  std::string name = {};
  std::string workflow_id = {};
  Time created = {};
};

struct VersionRow {
  std::int64_t version = 0;
  std::int64_t workflow = 0;
  std::string tag = {};
  std::string version_id = {};
  Time created = {};
};

/// The small row of an instance. `status` is the effective one (`effective_status`).
struct InstanceRow {
  Key key = 0;
  std::int64_t workflow = 0;
  std::int64_t version = 0;
  std::string id = {};
  Status status = Status::queued;
  std::int32_t run = 1;
  std::optional<Time> wake_at = std::nullopt;
  Time created = {};
  Time modified = {};  ///< last change of status, or event, or (to a second) progress of a step
  std::optional<Time> started = std::nullopt;
  std::optional<Time> ended = std::nullopt;
  std::optional<Time> expires = std::nullopt;
  std::optional<Time> paused_at = std::nullopt;
  Duration paused_for = {};  ///< in this run, pauses that have ended
  Retention retention = {};
  bool operator==(const InstanceRow&) const = default;
};

struct StepRow {
  Sequence started_seq = 0;
  StepKind kind = StepKind::step;
  std::string name = {};
  std::int32_t count = 1;
  std::string config = {};
  std::string event_type = {};
  Time started = {};
  std::int32_t attempt = 1;                ///< the current or last one; 0: the first one waits for a worker
  Time attempt_started = {};               ///< when it was let begin; once it has ended, when its body began
  std::vector<Attempt> failures = {};      ///< attempts that ended without ending the step
  std::int32_t crashes = 0;                ///< how many of them were interrupted
  std::optional<Time> due = std::nullopt;  ///< as written, and moved with the clock since (`MoveClock`); for
                                           ///< kind `step`: the next attempt's time, unset in flight
  bool due_fixed = false;
  bool moves = false;                                ///< `due` moves with the next `MoveClock` of this owner
  std::optional<Sequence> ended_seq = std::nullopt;  ///< nothing: open
  std::optional<Time> ended = std::nullopt;
  std::string output = {};
  bool cut = false;  ///< the output is longer, see `HistoryOptions`
  std::optional<ErrorRecord> error = std::nullopt;
  bool operator==(const StepRow&) const = default;
};

struct EventRow {
  std::int64_t event = 0;
  std::string type = {};
  std::string payload = {};
  Time received = {};
  bool operator==(const EventRow&) const = default;
};

/// All that is recorded of one instance, from one snapshot; or as much of it as `HistoryOptions` asks for.
struct History {
  InstanceRow row = {};
  std::string params = {};
  std::string output = {};
  std::optional<ErrorRecord> error = std::nullopt;
  std::vector<StepRow> steps = {};    ///< by started_seq
  std::vector<EventRow> events = {};  ///< buffered, by number
  std::size_t step_count = 0;         ///< of the run, also when `steps` leaves them out
  std::size_t event_count = 0;        ///< the same of the events
  bool operator==(const History&) const = default;
};

struct ListQuery {
  std::optional<std::int64_t> workflow = std::nullopt;
  std::optional<Status> status = std::nullopt;      ///< effective
  std::optional<Time> created_from = std::nullopt;  ///< at or after
  std::optional<Time> created_to = std::nullopt;    ///< at or before
  std::optional<Key> after = std::nullopt;          ///< goes on behind this key, in the order asked for
  bool newest_first = true;                         ///< by key, which is the order of creation
  std::size_t limit = 25;
};

struct DueRow {
  Time wake_at = {};
  Key key = 0;
  std::int64_t workflow = 0;
  bool operator==(const DueRow&) const = default;
};

}  // namespace cairn
