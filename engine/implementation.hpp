#pragma once

#include "engine/catalogue.hpp"
#include "engine/clock_guard.hpp"
#include "engine/conductor/conductor.hpp"
#include "engine/describe.hpp"
#include "engine/instance/workflow_code.hpp"
#include "engine/threads/guarded_clock.hpp"
#include "engine/threads/passage.hpp"
#include "engine/threads/runner.hpp"

#include <cairn/detail/own_process.hpp>
#include <cairn/engine.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// The engine behind the typed handles: checks what comes in, hands changes to the runner, answers reads from
/// the store.
///
/// Handles may outlive the engine; the store does not: after `close` every call throws `engine_stopped`.
class Engine::Implementation final : public detail::Core {
 public:
  Implementation(std::unique_ptr<Store> store, EngineOptions options);
  ~Implementation() override;

  std::shared_ptr<const detail::Definition> add(std::shared_ptr<detail::Definition> definition);
  void start();
  bool stop(Duration deadline);
  void close();
  /// The process that made it, and its part in the end of `engine` elsewhere.
  [[nodiscard]] bool is_here() const noexcept { return process_.is_here(); }
  static void leave_alone(std::shared_ptr<Implementation> engine) noexcept;
  SweepReport sweep();
  std::size_t resume_parked(const ParkedFilter& filter);
  void confirm_clock();
  [[nodiscard]] Health health() const;
  [[nodiscard]] Metrics metrics() const;
  [[nodiscard]] std::shared_ptr<const detail::Definition> definition(std::string_view name) const;
  [[nodiscard]] std::vector<WorkflowSummary> workflows() const;
  [[nodiscard]] const EngineOptions& options() const noexcept { return options_; }
  [[nodiscard]] std::size_t json_depth() const noexcept override { return options_.limits.json_depth; }

  BatchResult create_batch(const detail::Definition& definition,
                           std::vector<detail::NewInstanceText> instances,
                           const BatchOptions& options) override;
  std::pair<Key, std::string> create(const detail::Definition& definition,
                                     detail::NewInstanceText instance) override;
  std::optional<Key> find(const detail::Definition& definition, std::string_view id) const override;
  Page list(const detail::Definition& definition, const ListFilter& filter) const override;
  Status status(Key key) const override;
  InstanceDetail describe(Key key, const DescribeOptions& options) const override;
  InstanceText describe_text(Key key, const DescribeOptions& options) const override;
  detail::Ended wait(Key key, std::optional<Duration> limit) override;
  void when_ended(const std::shared_ptr<detail::EndedWait>& wait) override;
  void cancel(detail::EndedWait& wait) override;
  void send_event(Key key, std::string_view type, std::string payload) override;
  void post_event(Key key, std::string_view type, std::string payload, detail::WrittenCallback callback,
                  std::shared_ptr<detail::Withdrawal> withdrawal) override;
  void control(Key key, Command command) override;

 private:
  class Use;
  detail::Ended wait(Key key, std::optional<Duration> limit, detail::BodyRun* body);
  [[nodiscard]] bool is_asked_to_stop(detail::BodyRun& body) const;
  void watch(engine::Watch watch, bool may_lead);
  void unwatch(engine::Unwatch unwatch);
  [[nodiscard]] std::optional<detail::Ended> find_end(Key key) const;
  void tell_stopped(detail::EndedWait& wait, std::exception_ptr stopped) const;
  [[nodiscard]] History read(Key key, const DescribeOptions& options) const;
  [[nodiscard]] engine::Present present(Key key) const;
  void check_batch(const detail::Definition& definition,
                   const std::vector<detail::NewInstanceText>& instances, bool single) const;
  CreateBatch make_batch(const detail::Definition& definition, std::vector<detail::NewInstanceText> instances,
                         OnConflict on_conflict) const;
  // Throws `UnknownOutcome` as well.
  std::pair<CreateBatch, Created> write_batch(CreateBatch batch);
  void complain_of_bodies() const noexcept;
  void sweep_in_background();
  [[nodiscard]] std::optional<Time> believed_time() const;
  std::size_t resume_if_parked(const std::vector<Key>& keys);
  [[nodiscard]] std::optional<std::int64_t> workflow_of_name(const std::string& name) const;
  void add_errors(const std::vector<InstanceRow>& rows, Page& page) const;
  /// What the store has said last of what is due, and since when it says nothing.
  struct Due {
    std::optional<Time> late = std::nullopt;
    Duration asked = {};  ///< when, by the clock that never leaps
  };
  [[nodiscard]] Due ask_what_is_due() const;
  void complain_of_what_is_due(Health& health) const;
  void complain_of_the_store(Health& health) const;

  detail::OwnProcess process_;
  const EngineOptions options_;
  const std::shared_ptr<engine::GuardedClock> clock_;  // the one of the options
  mutable engine::MissedWakeups missed_wakeups_ = 0;   // by callers that wait
  mutable engine::Passage passage_;                    // every call is inside; closed by `close`
  std::unique_ptr<Store> store_;
  engine::Catalogue catalogue_;
  std::unique_ptr<engine::Conductor> conductor_;
  mutable engine::ClockGuard clock_guard_;
  mutable std::mutex due_mutex_;
  mutable Due due_;            // as `health` found it last
  bool clock_warned_ = false;  // the sweeping thread's, once it is started
  std::atomic<bool> started_ = false;
  std::atomic<bool> stopped_ = false;
  std::atomic<bool> ends_ = false;  // `close` has begun, and turns new calls away
  std::atomic<std::uint64_t> watches_ = 0;
  std::unique_ptr<engine::Runner> runner_;
};

/// A call in progress: the store stays open until it has returned. It may call code of the host, such as a
/// completion handler, and that the engine again.
class Engine::Implementation::Use {
 public:
  Use(const Implementation& engine, const char* call) : inside_(engine.passage_) {
    engine.process_.require_here(call);
    engine::WorkflowCode::refuse_here(call);
    if (!inside_ || engine.ends_)
      throw Error{Errc::engine_stopped, std::string{call} + ": the engine is gone"};
  }
  /// For calls that change something in pieces: whether the next one may begin. If not, they end with what
  /// they have done.
  static bool may_go_on(const Implementation& engine) noexcept { return !engine.stopped_; }
  /// For calls that change something.
  static void refuse_stopped(const Implementation& engine, const char* call) {
    if (engine.stopped_)
      throw Error{Errc::engine_stopped, std::string{call} + ": the engine has been stopped"};
  }

 private:
  const engine::Passage::Inside inside_;
};

}  // namespace cairn
