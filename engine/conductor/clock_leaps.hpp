#pragma once

#include <cairn/store.hpp>
#include <cairn/time.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace cairn::engine {

/// A wall clock that moves further than this against the monotonic clock was set; what is less is taken for
/// a correction.
inline constexpr Duration leap_min = std::chrono::minutes{5};

[[nodiscard]] constexpr bool is_leap(Duration moved) {
  return moved > leap_min || moved < -leap_min;
}

/// A span for people: to a minute, or to a day.
[[nodiscard]] std::string about(Duration span);

/// The wall clock, and the clock that never leaps, read together.
struct ClockReading {
  Time now = {};
  Duration uptime = {};
  bool is_stale = false;  ///< not all of it is of this moment: no leap can be seen in it

  [[nodiscard]] Duration offset() const { return now.time_since_epoch() - uptime; }
};

/// Finds the leaps of the wall clock, which spans of time are moved by, and says whether it is in doubt.
///
/// A leap lies between two readings. In doubt is a clock that stands more than five minutes before the latest
/// time that was stored under it, or before the earliest that it can rightly show (`Clock::earliest`): as on
/// a device without a battery, before somebody sets it; until it has come there. One thread at a time.
class ClockLeaps {
 public:
  /// What the store knows when its owner begins.
  ClockLeaps(const Ownership& before, ClockReading first, Time earliest);

  /// What is to be written, before anything else is: the clock was set since the last look, or its doubt
  /// begins or ends. Nothing is seen in a stale reading.
  [[nodiscard]] std::optional<MoveClock> look(ClockReading reading);
  /// The time of a reading by the clock of the last look: what was set since is for the next one to see.
  [[nodiscard]] Time by_same_clock(ClockReading reading) const;
  /// What is to be written where somebody says that the clock is right.
  [[nodiscard]] MoveClock confirm() { return {.clock = ++clock_}; }
  /// That was written, as others are: no doubt is left of a clock that the store believes.
  void written(const MoveClock& move, ClockReading reading);

  [[nodiscard]] bool is_doubtful() const noexcept { return doubtful_; }

 private:
  [[nodiscard]] bool is_behind(Time now) const;
  [[nodiscard]] MoveClock make(Duration by);

  Time earliest_;
  std::optional<Time> believed_ = {};  // the latest that it showed while it was not in doubt
  Duration offset_;                    // at the last look
  std::int64_t clock_;
  bool doubtful_ = false;
  std::optional<MoveClock> first_ = {};
};

}  // namespace cairn::engine
