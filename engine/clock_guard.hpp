#pragma once

#include <cairn/time.hpp>

#include <mutex>

namespace cairn::engine {

/// Watches for leaps of the wall clock, because a sweep under a wrong clock deletes what should be kept.
///
/// A leap is a move against the monotonic clock of more than five minutes; or, when the store was opened, a
/// wall clock that stands more than five minutes before, or more than a year behind, the time last stored.
/// Thread-safe.
class ClockGuard {
 public:
  ClockGuard(Time now, Duration uptime, Time last_stored);

  /// Whether the clock may be believed. A leap stays in force until `confirm`.
  [[nodiscard]] bool check(Time now, Duration uptime);
  void confirm(Time now, Duration uptime);

 private:
  std::mutex mutex_;
  Duration offset_;  // wall clock less uptime, when it was last believed
  bool leapt_;
};

}  // namespace cairn::engine
