#include "engine/clock_guard.hpp"

#include <algorithm>
#include <chrono>

namespace cairn::engine {

namespace {

// How fast a kernel lets its clock be slewed, by adjtimex(2): 500 ppm. Its monotonic clock is slewed with it,
// but a host may have clocks of its own.
constexpr Duration::rep slewed_one_in = 2'000;

bool is_unlikely(Time now, const Ownership& before, Time earliest, Duration longest_rest) {
  if (now < earliest) return true;
  if (before.last_time == Time{}) return false;  // a new store
  const Time last_stored = std::max(before.last_time, before.believed_until);
  return now < last_stored - leap_min || now > saturating_add(last_stored, longest_rest);
}

}  // namespace

ClockGuard::ClockGuard(ClockReading first, const Ownership& before, Time earliest, Duration longest_rest)
    : since_(first.uptime),
      offset_(first.offset()),
      leapt_(is_unlikely(first.now, before, earliest, longest_rest)) {}

bool ClockGuard::check(ClockReading reading) {
  const std::unique_lock lock{mutex_};
  if (reading.is_stale) return !leapt_;
  const Duration slewed = std::max(Duration{0}, reading.uptime - since_) / slewed_one_in;
  if (std::chrono::abs(reading.offset() - offset_) > leap_min + slewed) leapt_ = true;
  return !leapt_;
}

void ClockGuard::confirm(ClockReading reading) {
  const std::unique_lock lock{mutex_};
  since_ = reading.uptime;
  offset_ = reading.offset();
  leapt_ = false;
}

}  // namespace cairn::engine
