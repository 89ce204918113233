#include "engine/clock_guard.hpp"

#include <algorithm>
#include <chrono>

namespace cairn::engine {

namespace {

// How fast a kernel lets its clock be slewed, by adjtimex(2): 500 ppm. Its monotonic clock is slewed with it,
// but a host may have clocks of its own.
constexpr Duration::rep slewed_one_in = 2'000;

std::optional<std::string> objection_at_start(Time now, const Ownership& before, Time earliest,
                                              Duration longest_rest) {
  const std::string shown = "the wall clock stood at " + to_iso8601(now) + " at the start, ";
  if (now < earliest) return shown + "before " + to_iso8601(earliest) + ", the earliest that it can show";
  if (before.last_time == Time{}) return std::nullopt;  // a new store
  const Time last_stored = std::max(before.last_time, before.believed_until);
  const std::string last_write = to_iso8601(last_stored) + ", the time of the last write";
  if (now < last_stored - leap_min) return shown + "before " + last_write;
  if (now > saturating_add(last_stored, longest_rest))
    return shown + "more than " + about(longest_rest) + " after " + last_write;
  return std::nullopt;
}

}  // namespace

ClockGuard::ClockGuard(ClockReading first, const Ownership& before, Time earliest, Duration longest_rest)
    : since_(first.uptime),
      offset_(first.offset()),
      leapt_(objection_at_start(first.now, before, earliest, longest_rest)) {}

std::optional<std::string> ClockGuard::objection(ClockReading reading) {
  const std::unique_lock lock{mutex_};
  if (leapt_ || reading.is_stale) return leapt_;
  const Duration slewed = std::max(Duration{0}, reading.uptime - since_) / slewed_one_in;
  const Duration moved = reading.offset() - offset_;
  if (std::chrono::abs(moved) > leap_min + slewed) {
    leapt_ = "the wall clock was set " + about(std::chrono::abs(moved)) +
             (moved > Duration{0} ? " ahead" : " back") + " while the engine ran, to " +
             to_iso8601(reading.now);
  }
  return leapt_;
}

void ClockGuard::confirm(ClockReading reading) {
  const std::unique_lock lock{mutex_};
  since_ = reading.uptime;
  offset_ = reading.offset();
  leapt_.reset();
}

}  // namespace cairn::engine
