#pragma once

#include "engine/threads/signal.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cairn::engine {

/// The threads on which bodies run. Bodies may block; nothing else of the engine depends on these threads
/// being free. Thread-safe.
class StepPool {
 public:
  using Job = std::function<void()>;

  explicit StepPool(std::size_t threads) : allowed_(threads) {}
  ~StepPool() { join(); }
  StepPool(const StepPool&) = delete;
  StepPool& operator=(const StepPool&) = delete;

  /// Throws `std::system_error` when no thread can be had; none is left then.
  void start();
  /// Called by a thread of the pool that is about to end its job (`returning`), it leaves one of them to that
  /// thread: waking another costs more than a short body does.
  /// Takes all of them, or throws `std::bad_alloc` and none.
  void submit(std::vector<Job> jobs, bool returning);
  /// Waits until every job has ended, then ends the threads.
  void join();

  /// While a thread of the pool holds one, it counts as free and another takes its place: for bodies that
  /// wait for instances. On any other thread it does nothing.
  class Lend {
   public:
    Lend();
    ~Lend();
    Lend(const Lend&) = delete;
    Lend& operator=(const Lend&) = delete;

   private:
    StepPool* pool_;
  };

  /// Whether the calling thread belongs to a pool.
  [[nodiscard]] static bool here() noexcept;

  [[nodiscard]] std::uint64_t missed_wakeups() const noexcept { return missed_wakeups_; }

 private:
  void work();
  void lend();
  void take_back();

  std::mutex mutex_;
  MissedWakeups missed_wakeups_ = 0;
  Signal changed_{missed_wakeups_};
  std::deque<Job> jobs_;
  std::vector<std::thread> threads_;
  std::size_t allowed_;  // jobs that may run at a time: the pool's size and what is lent
  std::size_t busy_ = 0;
  std::size_t idle_ = 0;  // threads that wait for a job
  bool started_ = false;
  bool ending_ = false;
};

}  // namespace cairn::engine
