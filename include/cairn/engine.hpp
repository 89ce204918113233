#pragma once

#include <cairn/clock.hpp>
#include <cairn/detail/signature.hpp>
#include <cairn/health.hpp>
#include <cairn/id.hpp>
#include <cairn/limits.hpp>
#include <cairn/log.hpp>
#include <cairn/metrics.hpp>
#include <cairn/store.hpp>
#include <cairn/workflow.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cairn {

/// How an engine runs. Checked once, by the constructor.
struct EngineOptions {
  std::size_t workers = 8;                    ///< threads of the step pool; bodies block them; at least 1
  std::shared_ptr<Clock> clock = {};          ///< empty: the system's
  std::shared_ptr<RandomSource> random = {};  ///< for generated ids; empty: the system's
  LogSink log = {};                           ///< empty: silent
  Duration sweep_interval = std::chrono::minutes{1};  ///< how often the background sweeper looks; 0: never
  Retention default_retention = {};                   ///< for workflows that name none; empty: kept for ever
  std::size_t concurrency = 1'000;  ///< how many instances run at once, and how many awaitable bodies; what
                                    ///< waits does not count, nor do instances whose bodies wait for others
  std::size_t resident = 1'000;     ///< how many waiting instances keep their frames in memory; no more than
                                    ///< were given 16 MiB of text, as params and results
  Duration evict_after = std::chrono::seconds{10};  ///< a waiting instance gives up its frames after this
                                                    ///< time
  /// How long a file may have lain without an engine before a sweep doubts the clock; see `confirm_clock`.
  Duration longest_rest = std::chrono::hours{24 * 366};
  Limits limits = {};
};

/// What a sweep did.
struct SweepReport {
  std::size_t instances = 0;
  std::size_t steps = 0;
  std::size_t events = 0;
};

/// Which parked instances to resume: all, unless it says otherwise.
struct ParkedFilter {
  std::string workflow = {};  ///< the name of theirs, which need not be defined; empty: any
  /// The name of their error, such as `NonDeterminism`; empty: any. That of the moment in which they are
  /// read: one that is parked anew just then, for another error, may be resumed with the others.
  std::string error = {};
};

/// A workflow that this engine defines.
struct WorkflowSummary {
  std::string name;
  std::string workflow_id;
  std::string version;  ///< tag of the newest definition
  std::string version_id;
};

/// Runs workflows from a store.
///
/// Thread-safe. Defining, creating, reading and controlling work before `start()`, which begins to run; no
/// thread exists before it. The destructor stops the engine and waits for bodies that still run, however long
/// they take.
///
/// A child of `fork` does not have the engine: there every call but `stop` throws `engine_stopped`, and the
/// destructor leaves everything as it is. The file's locks stay with the parent alone.
class Engine {
 public:
  /// Throws `Error` (`invalid_argument`) when an option is out of its range.
  explicit Engine(std::unique_ptr<Store> store, EngineOptions options = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Defines a version of a workflow: a coroutine `Task<Out>(Context&, In)` or `Task<Out>(Context&)`, or a
  /// callable object with such a const call operator, which the engine keeps. In and Out convert to and from
  /// `json`; Out may be void.
  ///
  /// Several versions of a name may stand side by side; each instance runs with the version that created it,
  /// or with one that `adopts` it. The latest defined one counts for restarts and for `workflow(name)`. Works
  /// at any time, also after `start()`. Workflow code must be deterministic and must not block: effects,
  /// clocks and randomness belong into steps. Throws `Error`: `workflow_conflict` when that version of that
  /// name is defined already, `invalid_argument`, `store_failed`.
  template <class Function>
  auto define(std::string_view name, Function function, WorkflowOptions options = {}) {
    using Signature = detail::Signature<Function>;
    using In = typename Signature::In;
    using Out = typename Signature::Output;
    detail::require_signature<Function>();
    detail::require_json<In>();
    detail::require_from_json<In>();
    detail::require_json<Out>();
    detail::require_to_json<Out>();
    static_assert(
        std::is_nothrow_destructible_v<Function> &&
            (std::is_void_v<In> || std::is_nothrow_destructible_v<In>),
        "the destructors of a workflow function and of its input must not throw: the engine calls them");
    std::shared_ptr<detail::Definition> definition;
    if constexpr (Signature::is_sound && detail::from_tree<In> && detail::to_tree<Out>)
      definition = detail::make_definition<In, Out>(std::move(function));
    definition->name = name;
    definition->options = std::move(options);
    return Workflow<In, Out>{core(), add(std::move(definition))};
  }

  /// Begins to run: recovers what was running when the last owner ended, then goes on with everything that is
  /// due. Throws `Error`: `store_failed`, `engine_stopped`, or `internal` when no threads can be made; then
  /// it may be called again.
  void start();

  /// Takes no more work, asks bodies to stop, and waits for them until `deadline` has passed, or for a tenth
  /// of a second if that is shorter. True: everything came to rest, and nothing of it will run again. False:
  /// some bodies still run; they are named in the log. What was recorded stays; unfinished instances go on at
  /// the next start. Lines for the log may still be on their way then; the destructor waits for them, and so
  /// for a log sink that does not return.
  bool stop(Duration deadline);

  /// Deletes every instance whose retention is over, in bounded pieces between other work. Works before
  /// `start()`. Throws `Error`: `store_failed`, `clock_unconfirmed`. A clock that leaps meanwhile, or a stop,
  /// ends it, and it tells what it did; then it is the next one that throws.
  SweepReport sweep();

  /// Resumes the instances that are parked: `paused` because of an error, and not because somebody asked for
  /// it. Those whose error is still there are parked again. In pieces, by key; each that was resumed when it
  /// throws stays so. Gives how many were; a stop meanwhile ends it, and the others stay parked. Works before
  /// `start()`. Throws `Error`: `workflow_not_found`, `store_failed`, `outcome_unknown`, `engine_stopped`.
  std::size_t resume_parked(const ParkedFilter& filter = {});

  /// A wrong clock would delete too early. So sweeping is suspended when the wall clock has moved against the
  /// monotonic one, since the engine was made, by more than five minutes and 500 ppm of that time; or when it
  /// stood, as the engine was made, more than five minutes before the time last stored in the file, or before
  /// `Clock::earliest`, or more than `longest_rest` behind the time last stored. What it did less than that
  /// while no engine ran cannot be known. This says that the clock is right; when it returns, that is on
  /// disk, for engines to come; but a
  /// clock that stands before `Clock::earliest` is in doubt at each start. Throws `Error`: `engine_stopped`,
  /// `store_failed`, `outcome_unknown`.
  void confirm_clock();

  /// How the engine fares, for whoever watches over it. Reads a few rows. Throws `Error` (`engine_stopped`)
  /// only when the engine is gone; what keeps the store from being read is a complaint.
  [[nodiscard]] Health health() const;

  /// What it does at present, in numbers. Throws `Error` (`engine_stopped`) when the engine is gone.
  [[nodiscard]] Metrics metrics() const;

  /// A defined workflow by name, without types; its latest version. Throws `Error` (`workflow_not_found`).
  [[nodiscard]] Workflow<json, json> workflow(std::string_view name) const;

  /// The workflows that are defined, by name.
  [[nodiscard]] std::vector<WorkflowSummary> workflows() const;

  [[nodiscard]] const EngineOptions& options() const noexcept;

 private:
  class Implementation;
  [[nodiscard]] std::shared_ptr<detail::Core> core() const;
  std::shared_ptr<const detail::Definition> add(std::shared_ptr<detail::Definition> definition);
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace cairn
