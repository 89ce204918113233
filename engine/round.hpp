#pragma once

#include <condition_variable>
#include <mutex>

namespace cairn::engine {

/// Threads whose inputs go into the same turn. All are told at once when it is over: telling them one by one
/// costs a system call each, on the way to the next turn.
///
/// Thread-safe. A wait may end early: whoever waits looks at its own state again. It is no
/// `std::atomic::wait`, which gives up the processor four times before it sleeps (libstdc++ 12): with
/// hundreds of callers that was a fifth of all time.
class Round {
 public:
  /// What to give to `wait`; asked for before the caller looks whether it has to wait.
  [[nodiscard]] int signals() const noexcept {
    const std::lock_guard lock{mutex_};
    return signals_;
  }
  /// Waits until there was another signal.
  void wait(int seen) {
    std::unique_lock lock{mutex_};
    signalled_.wait(lock, [&] { return signals_ != seen; });
  }
  void wake_one() noexcept {
    signal();
    signalled_.notify_one();
  }
  void wake_all() noexcept {
    signal();
    signalled_.notify_all();
  }

 private:
  void signal() noexcept {
    const std::lock_guard lock{mutex_};
    ++signals_;
  }

  mutable std::mutex mutex_;
  std::condition_variable signalled_;
  int signals_ = 0;
};

}  // namespace cairn::engine
