#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

// Waits that end by themselves: not for users.
namespace cairn::detail {

/// How often a bound woke a thread that nobody had told, though what it waited for was there. Not 0: a signal
/// was lost. Thread-safe.
using MissedWakeups = std::atomic<std::uint64_t>;

/// A condition variable on which nobody waits for ever: every `bound` whoever waits looks for itself. The
/// bound keeps a lost signal from standing still an engine, and the count keeps it from passing unseen.
///
/// Thread-safe; whoever waits holds the same lock under which the condition changes.
class Signal {
 public:
  /// A thread looks for itself at least so often.
  static constexpr std::chrono::milliseconds default_bound{1'000};

  /// `missed` outlives it.
  explicit Signal(MissedWakeups& missed, std::chrono::nanoseconds bound = default_bound) noexcept
      : missed_(missed), bound_(bound) {}

  void tell_one() noexcept;
  void tell_all() noexcept;

  /// Waits until the condition holds. It is looked at with the lock, and not again once it has held.
  template <class Condition>
  void wait(std::unique_lock<std::mutex>& lock, Condition holds) {
    if (holds()) return;
    for (;;) {
      const bool told = sleep(lock, bound_);
      if (!holds()) continue;
      if (!told) note_missed();
      return;
    }
  }

  /// Sleeps once, for so long at most. Whether it was told, or woke for no reason.
  bool sleep(std::unique_lock<std::mutex>& lock, std::chrono::nanoseconds time);

  /// What a `Clock` waits for. Whoever finds what it waited for when nobody has told it says so.
  [[nodiscard]] std::condition_variable& condition() noexcept { return told_; }
  void note_missed() noexcept;
  /// Before the lock is left, by whoever tells behind it: a bound that runs out in between is no miss.
  void note_telling() noexcept;

 private:
  MissedWakeups& missed_;
  const std::chrono::nanoseconds bound_;
  std::condition_variable told_;
  std::atomic<std::chrono::steady_clock::time_point> telling_ = {};  // the last one
};

}  // namespace cairn::detail
