#pragma once

#include "engine/threads/signal.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace cairn::engine {

/// The threads on which bodies run. Bodies may block; nothing else of the engine depends on these threads
/// being free. Thread-safe.
class StepPool {
 public:
  class Job {
   public:
    virtual ~Job() = default;
    virtual void run() = 0;
    /// Whether somebody still wants it to be run. Called under the pool's lock.
    [[nodiscard]] virtual bool wanted() const noexcept { return true; }
  };
  using Jobs = std::vector<std::shared_ptr<Job>>;

  explicit StepPool(std::size_t threads) : size_(threads) {}
  ~StepPool() { join(); }
  StepPool(const StepPool&) = delete;
  StepPool& operator=(const StepPool&) = delete;

  /// Throws `std::system_error` when no thread can be had; none is left then.
  void start();
  /// Called by a thread of the pool that is about to end its job (`returning`), it leaves one of them to that
  /// thread: waking another costs more than a short body does.
  /// Takes all of them, or throws `std::bad_alloc` and none.
  void submit(Jobs jobs, bool returning);
  /// Forgets the jobs that nobody wants any more. Without memory it leaves them to the threads.
  void drop_unwanted() noexcept;
  /// Those that have not begun.
  [[nodiscard]] Jobs waiting() const;
  /// Threads that have lent their places and want them back.
  [[nodiscard]] std::size_t returning() const;
  /// Waits until every job has ended, then ends the threads.
  void join();

  /// Whether the calling thread belongs to a pool.
  [[nodiscard]] static bool here() noexcept;

  /// The calling thread waits for an instance: it counts as free, and another takes its place. On a thread of
  /// no pool it does nothing. Throws `std::system_error` when no other thread can be had: nothing is lent
  /// then.
  static void lend();
  /// The calling thread goes on when it has its place again, ahead of jobs that have not begun. `at_once`, or
  /// when it is asked to stop, it takes the place in any case: then more run than the pool has places.
  static void take_back(bool at_once, const std::stop_token& asked);

  [[nodiscard]] std::uint64_t missed_wakeups() const noexcept { return missed_wakeups_; }

 private:
  void work();
  void lend_place();
  void take_place_back(bool at_once, const std::stop_token& asked);
  void leave_place();
  void tell_all_returning();

  const std::size_t size_;
  mutable std::mutex mutex_;
  MissedWakeups missed_wakeups_ = 0;
  Signal changed_{missed_wakeups_};   // for threads without a job
  Signal returned_{missed_wakeups_};  // for those that want their place back
  std::deque<std::shared_ptr<Job>> jobs_;
  std::vector<std::thread> threads_;
  std::size_t busy_ = 0;       // jobs that run and have lent nothing
  std::size_t lent_ = 0;       // places
  std::size_t returning_ = 0;  // threads that want theirs back
  std::size_t idle_ = 0;       // threads that wait for a job
  bool started_ = false;
  bool ending_ = false;
};

}  // namespace cairn::engine
