#include "engine/conductor/clock_leaps.hpp"

#include <cairn/duration.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace cairn::engine {

std::string about(Duration span) {
  using std::chrono::days;
  using std::chrono::minutes;
  return to_string(span < days{2} ? Duration{std::chrono::round<minutes>(span)}
                                  : Duration{std::chrono::round<days>(span)});
}

// A doubt that was left by the owner before ends here, or goes on. Nobody knows how long the engine rested
// meanwhile, so spans that began in it keep the length that was left: also where the clock shows an earlier
// time again, as after each start without a battery. Where it shows a later one, it went on.
ClockLeaps::ClockLeaps(const Ownership& before, ClockReading first, Time earliest)
    : earliest_(earliest), offset_(first.offset()), clock_(before.clock) {
  if (before.last_time != Time{}) believed_ = std::max(before.last_time, before.believed_until);
  doubtful_ = is_behind(first.now);
  const Duration moved = before.clock_doubtful ? first.now - before.last_time : Duration{0};
  const bool begins_again = doubtful_ && moved < Duration{0};
  if (doubtful_ != before.clock_doubtful || begins_again) first_ = make(moved);
}

std::optional<MoveClock> ClockLeaps::look(ClockReading reading) {
  if (first_) return std::exchange(first_, std::nullopt);
  if (reading.is_stale) return std::nullopt;
  const Duration moved = reading.offset() - std::exchange(offset_, reading.offset());
  const bool leapt = is_leap(moved);
  const bool was_doubtful = doubtful_;
  if (leapt || was_doubtful) doubtful_ = is_behind(reading.now);
  if (!doubtful_) believed_ = std::max(believed_.value_or(reading.now), reading.now);
  if (!leapt && doubtful_ == was_doubtful) return std::nullopt;
  return make(leapt ? moved : Duration{0});
}

Time ClockLeaps::by_same_clock(ClockReading reading) const {
  const bool is_other = reading.is_stale || is_leap(reading.offset() - offset_);
  return is_other ? Time{reading.uptime + offset_} : reading.now;
}

void ClockLeaps::written(const MoveClock& move, ClockReading reading) {
  if (!doubtful_ || move.doubtful || move.clock != clock_) return;
  doubtful_ = false;
  believed_ = reading.now;
  earliest_ = std::min(earliest_, reading.now);
}

bool ClockLeaps::is_behind(Time now) const {
  return now < earliest_ || (believed_ && now < *believed_ - leap_min);
}

MoveClock ClockLeaps::make(Duration by) {
  return {.by = std::clamp(by, -clock_move_max, clock_move_max), .doubtful = doubtful_, .clock = ++clock_};
}

}  // namespace cairn::engine
