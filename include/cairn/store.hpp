#pragma once

#include <cairn/change.hpp>
#include <cairn/error.hpp>
#include <cairn/health.hpp>
#include <cairn/history_options.hpp>
#include <cairn/key.hpp>
#include <cairn/rows.hpp>
#include <cairn/time.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The store's interface: what an engine asks of a database, as values. Programs that only run workflows
/// never need this header. It may change in minor versions before 1.0.
namespace cairn {

// ------------------------------------------------------------------------------------------------------------
// reads

/// An instance, and the type of an event that is on its way to it.
struct EventTarget {
  Key key = 0;
  std::string type = {};
};

/// An id that an instance to be created wants in its workflow.
struct WantedId {
  std::int64_t workflow = 0;
  std::string_view id = {};
};

/// Outputs of steps of one instance, by the numbers with which the steps began.
struct OutputRange {
  Key key = 0;
  Sequence first = 0;
  Sequence last = 0;
  std::size_t bytes = 0;  ///< no more are read when they have so many
};

struct StepOutput {
  Sequence started_seq = 0;
  std::string output = {};
};

/// What an engine finds when it becomes the owner.
struct Ownership {
  std::int64_t epoch = 0;       ///< of this owner; greater than that of every owner before
  std::int64_t commit_seq = 0;  ///< number of the last group
  Key next_key = 1;             ///< smallest key that was never used
  Time last_time = {};          ///< `now` of the last group that was written before this owner came; 0: none
  std::int64_t clock = 0;       ///< number of the clock by which this owner begins, see `MoveClock`
  bool clock_doubtful = false;  ///< the owner before left the clock in doubt, see `MoveClock`
  Time believed_until = {};     ///< then: the last time that was stored before the clock came into doubt
};

/// The reads of a store, each from one snapshot. Called by any number of threads at any time.
class StoreReader {
 public:
  virtual ~StoreReader() = default;

  [[nodiscard]] virtual std::vector<WorkflowRow> workflows() const = 0;
  [[nodiscard]] virtual std::vector<VersionRow> versions(std::int64_t workflow) const = 0;
  [[nodiscard]] virtual std::optional<InstanceRow> find(std::int64_t workflow,
                                                        const std::string& id) const = 0;
  [[nodiscard]] virtual std::optional<InstanceRow> row(Key key) const = 0;
  [[nodiscard]] virtual std::optional<History> history(Key key, const HistoryOptions& options = {}) const = 0;
  [[nodiscard]] virtual std::vector<InstanceRow> list(const ListQuery& query) const = 0;

  /// Of each instance the error that it has ended with, or that it is parked for; nothing where there is
  /// none.
  [[nodiscard]] virtual std::vector<std::optional<ErrorRecord>> errors(std::span<const Key> keys) const;

  /// Instances of the workflow whose effective status is `queued`, by key, behind `after`.
  [[nodiscard]] virtual std::vector<InstanceRow> queued(std::int64_t workflow, Key after,
                                                        std::size_t limit) const = 0;

  /// Unfinished instances with a wake time, by (wake time, key), behind `after` and not later than `until`.
  [[nodiscard]] virtual std::vector<DueRow> due(const DueRow& after, Time until, std::size_t limit) const = 0;
};

/// Whether somebody is likely to call while a piece of house-keeping is done.
enum class Demand : std::uint8_t {
  busy,   ///< only what every commit would pay for if it were left
  quiet,  ///< nobody has called for a while: a piece may take milliseconds
};

/// Makes changes durable, and reads them back.
///
/// An open store is owned: `open_…` takes the ownership with a new epoch, and its destructor gives it up.
/// What an earlier owner left `running` or `waiting_for_pause` is thereby recovered without a write
/// (`effective_status`).
///
/// Threads: `apply`, `load` (with what is called as it is) and `maintain` are called by one thread at a time;
/// the reads by any number of threads at any time, also during `apply`. A read sees every group whose `apply`
/// has returned.
class Store : public StoreReader {
 public:
  /// Makes a group of changes durable in one transaction and one flush, in order, and answers one outcome per
  /// change. A change that is refused leaves no trace and does not touch its neighbours. When it returns, the
  /// group is on disk. `now` is by the last clock of the group: what stands before a `MoveClock` has the time
  /// of the clock before.
  ///
  /// Throws `Error`: `store_failed`, and nothing of the group was written; `file_is_owned` when another
  /// owner's epoch stands in the store (nothing was written); or `outcome_unknown` when the commit failed and
  /// could not be read back. `std::bad_alloc` is as unknown.
  virtual std::vector<Outcome> apply(std::span<const Change> group, Time now) = 0;

  /// What `history` gives for each of the keys, in their order. For whoever calls `apply`: as nobody writes
  /// meanwhile, a store may answer from what it keeps for writing, where `history` needs a snapshot.
  /// `output_bytes` is that of `HistoryOptions`, for all of them together.
  [[nodiscard]] virtual std::vector<std::optional<History>> load(
      std::span<const Key> keys, std::size_t output_bytes = HistoryOptions::all);

  /// What `history` gives for each instance that is `waiting` and has an open `wait_for_event` of that type;
  /// nothing for the others. Called as `load` is.
  [[nodiscard]] virtual std::vector<std::optional<History>> awaiting(
      std::span<const EventTarget> targets, std::size_t output_bytes = HistoryOptions::all);

  /// The outputs of the run as it is now, of the steps that have one, in their order: what `load` has left
  /// out. One at least, if there is one. Called as `load` is.
  [[nodiscard]] virtual std::vector<StepOutput> outputs(const OutputRange& range);

  /// Of each id, whether an instance of that workflow has it. Called as `load` is.
  [[nodiscard]] virtual std::vector<bool> taken(std::span<const WantedId> ids);

  /// House-keeping that needs no caller to wait: checkpoints, and giving space back when all is quiet. A
  /// bounded piece; whether there is more to do. Throws `Error` (`store_failed`); nothing is lost then.
  virtual bool maintain(Demand demand) = 0;

  /// What the store itself has to complain of, for `Engine::health`. Called by any thread at any time.
  [[nodiscard]] virtual std::vector<Complaint> complaints() const { return {}; }

  /// The instances that `due` names, from the first one on, for `Engine::health`: whoever asks how the engine
  /// fares must not wait. Nothing while the store lets nobody read, as when it recovers or begins its log
  /// anew.
  [[nodiscard]] virtual std::optional<std::vector<InstanceRow>> due_at_once(Time until,
                                                                            std::size_t limit) const;

  /// How often a thread in the store found by itself what another should have told it, for `Engine::metrics`.
  /// Called by any thread at any time.
  [[nodiscard]] virtual std::uint64_t missed_wakeups() const noexcept { return 0; }

  /// As it was when the store was opened, except `commit_seq` and `next_key`, which are current.
  [[nodiscard]] virtual Ownership ownership() const = 0;
};

}  // namespace cairn
