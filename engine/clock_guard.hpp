#pragma once

#include <cairn/time.hpp>

#include <mutex>

namespace cairn::engine {

/// Watches for leaps of the wall clock, because a sweep under a wrong clock deletes what should be kept.
///
/// A leap is a move against the monotonic clock of more than five minutes, and 500 ppm of the time that has
/// passed, since the clock was first believed: all at once, or a little at a time. Or, when the store was
/// opened, a wall clock that stands more than five minutes before the time last stored, or further behind it
/// than an engine rests. Thread-safe.
class ClockGuard {
 public:
  ClockGuard(Time now, Duration uptime, Time last_stored, Duration longest_rest);

  /// Whether the clock may be believed. A leap stays in force until `confirm`.
  [[nodiscard]] bool check(Time now, Duration uptime);
  void confirm(Time now, Duration uptime);

 private:
  std::mutex mutex_;
  // When it was first believed, or confirmed.
  Duration since_;   // uptime
  Duration offset_;  // wall clock less uptime
  bool leapt_;
};

}  // namespace cairn::engine
