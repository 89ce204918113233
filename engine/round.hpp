#pragma once

#include <atomic>

namespace cairn::engine {

/// Threads whose inputs go into the same turn. All are told at once when it is over: telling them one by one
/// costs a system call each, on the way to the next turn.
///
/// Thread-safe. A wait may end early: whoever waits looks at its own state again.
class Round {
 public:
  /// What to give to `wait`; asked for before the caller looks whether it has to wait.
  [[nodiscard]] int signals() const noexcept { return signals_.load(); }
  /// Waits until there was another signal.
  void wait(int seen) const noexcept { signals_.wait(seen); }
  void wake_one() noexcept {
    ++signals_;
    signals_.notify_one();
  }
  void wake_all() noexcept {
    ++signals_;
    signals_.notify_all();
  }

 private:
  std::atomic<int> signals_ = 0;
};

}  // namespace cairn::engine
