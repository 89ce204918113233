#pragma once

#include "engine/conductor/clock_leaps.hpp"

#include <mutex>
#include <optional>
#include <string>

namespace cairn::engine {

/// Watches for leaps of the wall clock, because a sweep under a wrong clock deletes what should be kept.
///
/// A leap is a move against the monotonic clock of more than five minutes, and 500 ppm of the time that has
/// passed, since the clock was first believed: all at once, or a little at a time. Or, when the store was
/// opened, a wall clock that stands more than five minutes before the time last stored, or before what it can
/// rightly show, or further behind the time last stored than an engine rests. Thread-safe.
class ClockGuard {
 public:
  ClockGuard(ClockReading first, const Ownership& before, Time earliest, Duration longest_rest);

  /// Whether the clock may be believed. A leap stays in force until `confirm`. A stale reading is none.
  [[nodiscard]] bool check(ClockReading reading) { return !objection(reading); }
  /// Why it may not, for people: what it shows, and what that was compared with.
  [[nodiscard]] std::optional<std::string> objection(ClockReading reading);
  void confirm(ClockReading reading);

 private:
  std::mutex mutex_;
  // When it was first believed, or confirmed.
  Duration since_;   // uptime
  Duration offset_;  // wall clock less uptime
  std::optional<std::string> leapt_;
};

}  // namespace cairn::engine
