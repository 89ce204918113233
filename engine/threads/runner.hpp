#pragma once

#include "engine/conductor/committer.hpp"
#include "engine/conductor/outage_log.hpp"
#include "engine/threads/body_execution.hpp"
#include "engine/threads/guarded_clock.hpp"
#include "engine/threads/inbox.hpp"
#include "engine/threads/io_runtime.hpp"
#include "engine/threads/messenger.hpp"
#include "engine/threads/signal.hpp"
#include "engine/threads/step_pool.hpp"
#include "engine/threads/turns.hpp"

#include <cairn/clock.hpp>
#include <cairn/log.hpp>
#include <cairn/metrics.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace cairn::engine {

/// The threads around the conductor: those that ask, those that run bodies, one that keeps the time, one that
/// calls code of the host for it, and one for what is done periodically.
///
/// Whoever has an input and finds nobody leading takes a turn for all that wait, as in LevelDB's write queue:
/// an idle engine adds no thread hop to a call, and a busy one commits bigger groups. `Turns` says who leads;
/// no thread waits without a bound (`Signal`). Thread-safe.
class Runner final : private BodyHost {
 public:
  Runner(Store& store, Conductor& conductor, std::shared_ptr<GuardedClock> clock, LogSink log,
         std::size_t workers);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// Makes a change durable and gives its outcome. Throws what kept it from being written.
  Outcome call(Change change);
  /// The same for `CreateBatch`, and gives it back with its keys.
  std::pair<CreateBatch, Created> call(CreateBatch batch);
  /// The same for changes that go into one turn together, and so into one commit. Throws what kept one of
  /// them from being written: nothing is said of the others then.
  std::vector<Outcome> call(std::vector<Change> changes);
  /// How many calls there were, by anyone.
  [[nodiscard]] std::uint64_t calls() const noexcept { return calls_; }
  /// Hands over an input that nobody waits for here. `may_lead`: the caller is about to wait in any case, and
  /// can as well take a turn.
  void post(Input input, bool may_lead = false);

  /// Starts the threads. Called once, and again after it has thrown because one could not be made, or because
  /// what followed it has.
  void start();
  /// Bodies are asked to stop, nothing new begins. Waits up to `deadline` (real time); true when no body runs
  /// any more.
  bool halt(Duration deadline);
  /// What keeps the engine from its rest, for the log: the bodies that run, by their steps, where that can be
  /// told. Empty: nothing does.
  [[nodiscard]] std::string what_runs();
  /// After `halt`: waits for all bodies and ends the threads.
  void join();

  /// Called about every `interval` from the start on, one call after the other; empty interval: never. Before
  /// the first start, and not again: a thread may be inside it.
  void set_periodic(Duration interval, std::function<void()> work);

  /// How it fares: of the last turn.
  struct Condition {
    std::optional<Outage> fault = {};          ///< nothing is run any more
    std::optional<Outage> store = {};          ///< could not be used
    std::optional<Outage> house_keeping = {};  ///< failed
    std::size_t running = 0;                   ///< instances
    std::vector<Complaint> concerns = {};      ///< instances that somebody has to look after
  };
  [[nodiscard]] Condition condition() const;
  /// Of its threads, since it was made.
  [[nodiscard]] std::uint64_t missed_wakeups() const noexcept {
    return missed_wakeups_ + pool_.missed_wakeups() + door_->missed_wakeups();
  }
  [[nodiscard]] Metrics metrics() const;
  /// Whether it is one of its bodies.
  [[nodiscard]] bool runs(const detail::BodyRun& body) const;
  /// Steps of that instance whose bodies are recorded as in flight and wait for a worker.
  [[nodiscard]] std::vector<Sequence> waiting_for_worker(Key key) const;

  [[nodiscard]] Time now() const { return clock_->now(); }
  void log(LogLevel level, std::string_view line) const noexcept;
  /// The same for a line of two parts; without memory to put them together, the second one alone.
  void log(LogLevel level, const char* begin, const char* rest) const noexcept;

 private:
  // What bodies need.
  void returned(BodyDone done) override { post(std::move(done)); }
  void heard(Input input) override { post(std::move(input)); }
  [[nodiscard]] Launch::Beginning time() const override { return {clock_->now(), clock_->uptime()}; }
  [[nodiscard]] void* io_context() override { return io_.context(); }
  [[nodiscard]] Counts& counts() override { return body_counts_; }

  class Listening;
  class Lead;

  /// Who does what follows a turn.
  enum class Follow : std::uint8_t {
    leader,     ///< whoever has led
    returning,  ///< the same, and ends its body then
    messenger,  ///< the timer thread, which does what wakes threads, and leaves to messengers what calls code
                ///< of the host
  };

  void expect(const Actions& actions);
  /// Whether they were taken: then a fault leaves it unknown what became of them.
  [[nodiscard]] bool submit(std::span<Input> inputs, const std::atomic<bool>& done);
  [[nodiscard]] Signal& ends_of(TurnNumber turn) noexcept { return ends_[turn % ends_.size()]; }
  [[nodiscard]] bool wait_for(std::unique_lock<std::mutex>& lock, TurnNumber turn);
  void gather(std::unique_lock<std::mutex>& lock);
  /// With the lead, which it gives back. Ends the process rather than leaving others to wait for a leader
  /// that is none.
  void lead(std::unique_lock<std::mutex>& lock, Follow follow = Follow::leader) noexcept;
  void leave();
  void wake(Turns::Wake whom) noexcept;
  [[nodiscard]] bool has_keeper() const noexcept { return started_ && !ending_ && !keeper_away_; }
  [[nodiscard]] bool is_keeper() const noexcept { return timer_ == std::this_thread::get_id(); }
  void keep_nothing_left(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] bool work_is_left() const noexcept { return more_ || !inbox_.empty(); }
  [[nodiscard]] bool is_at_rest() const noexcept;
  [[nodiscard]] bool take_part(std::unique_lock<std::mutex>& lock);
  void rest(std::unique_lock<std::mutex>& lock, std::chrono::steady_clock::time_point until);
  [[nodiscard]] Committer::Turn take_turn(std::unique_lock<std::mutex>& lock) noexcept;
  void begin_storing() noexcept;
  void end_storing();
  void listen(std::unique_lock<std::mutex>& lock);
  void hear(std::unique_lock<std::mutex>& lock);
  template <class Part>
  void attempt(Actions& actions, Part part) noexcept;
  [[nodiscard]] Demand demand() const;
  [[nodiscard]] std::optional<Duration> maintain(Demand demand, Actions& actions) noexcept;
  void note_untidy(const char* reason, Actions& actions) noexcept;
  void note_tidy(Actions& actions) noexcept;
  void complain(std::optional<Outage>& outage, Errc code, const char* message) noexcept;
  void note_outage() noexcept;
  void note_concerns() noexcept;
  [[nodiscard]] Actions give_up(const char* fault) noexcept;
  void turn_away(Actions& actions) noexcept;
  void wake_everybody() noexcept;
  void tell(const detail::EndedCallback& callback, const std::exception_ptr& error,
            detail::Ended ended) const noexcept;
  void tell_fault(Actions& actions) const noexcept;
  void perform(Actions actions, bool returning) noexcept;
  void hand_over(Actions actions) noexcept;
  void hand_over_lines(std::vector<LogLine> lines) noexcept;
  [[nodiscard]] LogLine line_of_left_out() const;
  void leave_to(Messenger& messenger, Actions of_host) noexcept;
  void run_bodies(std::vector<RunBody> bodies, bool returning) noexcept;
  void run(const std::vector<std::shared_ptr<BodyExecution>>& executions, bool returning);
  void keep_time();
  void work_periodically();

  Conductor& conductor_;
  Committer committer_;
  const std::shared_ptr<GuardedClock> clock_;
  const LogSink log_;
  BodyHost::Counts body_counts_;
  const std::shared_ptr<HostDoor> door_ = std::make_shared<HostDoor>(static_cast<BodyHost&>(*this));
  StepPool pool_;
  IoRuntime io_;
  // Made while there is memory for them.
  const Error fault_{Errc::internal, "the engine has failed; its log says why"};
  const std::exception_ptr fault_error_;
  const std::exception_ptr unknown_error_;

  mutable std::mutex mutex_;
  MissedWakeups missed_wakeups_ = 0;
  Turns turns_;
  // Those who wait for a turn sleep at the signal of its number; callers of turns long past are awake.
  std::array<Signal, 4> ends_{Signal{missed_wakeups_}, Signal{missed_wakeups_}, Signal{missed_wakeups_},
                              Signal{missed_wakeups_}};
  Signal rested_{missed_wakeups_};  // a turn is over, for those who wait for the engine to rest
  Signal keeper_{missed_wakeups_};  // the timer thread has something to do
  Signal heard_{missed_wakeups_};   // for the leader, that nobody listens any more
  Inbox inbox_;
  bool storing_ = false;    // the leader is in the store, and leaves the conductor to others
  bool listening_ = false;  // a thread of the pool has the conductor meanwhile
  bool more_ = false;       // as of the last turn: another one is wanted
  bool started_ = false;
  std::thread::id timer_ = {};  // the timer thread, while it runs
  bool keeper_away_ = false;    // in code of the host, which may keep it: there was no memory to hand it over
  bool ending_ = false;
  std::atomic<std::uint64_t> calls_ = 0;
  std::atomic<bool> broken_ = false;  // a fault inside the conductor: nothing is run any more
  Condition condition_;               // as of the last turn
  // The leader's alone.
  OutageLog untidy_log_{"house-keeping failed, and is tried again later: ", "house-keeping works again"};
  std::size_t bodies_ = 0;    // as of the last turn
  std::size_t unplaced_ = 0;  // bodies that wait for a place among them; as of the last turn
  std::size_t watching_ = 0;  // threads that wait for `rested_`
  std::size_t answered_ = 0;  // calls that the last turn has answered
  std::chrono::steady_clock::duration turn_took_ = {};
  Duration clock_offset_;                           // of the wall clock, as of the last turn
  std::optional<Time> next_time_;                   // as of the last turn
  std::optional<Duration> next_uptime_;             // the same, by uptime
  std::optional<Duration> tidy_at_;                 // by uptime: the store has more house-keeping to do
  std::optional<Duration> untidy_until_;            // its leader's: when what has failed is tried again
  Time keeper_until_ = Time::max();                 // the timer thread wakes by itself then
  Duration keeper_until_uptime_ = Duration::max();  // or then
  Duration period_ = {};
  std::function<void()> periodic_;
  bool periodic_runs_ = false;
  bool periodic_again_ = false;          // it was due meanwhile
  std::optional<Duration> next_period_;  // by uptime: leaps of the wall clock neither hold it up nor hurry it
  std::size_t lines_left_out_ = 0;       // of the log; the timer thread's alone
  Messenger lines_{missed_wakeups_};     // writes the log
  Messenger stops_{missed_wakeups_};     // asks bodies to stop
  Messenger periodical_{missed_wakeups_};  // what is called periodically takes its time
  std::thread timer_thread_;
};

}  // namespace cairn::engine
