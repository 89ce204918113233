#include "engine/clock_guard.hpp"

#include <algorithm>
#include <chrono>

namespace cairn::engine {

namespace {

constexpr Duration tolerance = std::chrono::minutes{5};
// How fast a kernel lets its clock be slewed, by adjtimex(2): 500 ppm. Its monotonic clock is slewed with it,
// but a host may have clocks of its own.
constexpr Duration::rep slewed_one_in = 2'000;

bool is_unlikely_after(Time now, Time last_stored, Duration longest_rest) {
  if (last_stored == Time{}) return false;  // a new store
  return now < last_stored - tolerance || now > saturating_add(last_stored, longest_rest);
}

}  // namespace

ClockGuard::ClockGuard(Time now, Duration uptime, Time last_stored, Duration longest_rest)
    : since_(uptime),
      offset_(now.time_since_epoch() - uptime),
      leapt_(is_unlikely_after(now, last_stored, longest_rest)) {}

bool ClockGuard::check(Time now, Duration uptime) {
  const std::unique_lock lock{mutex_};
  const Duration offset = now.time_since_epoch() - uptime;
  const Duration slewed = std::max(Duration{0}, uptime - since_) / slewed_one_in;
  if (std::chrono::abs(offset - offset_) > tolerance + slewed) leapt_ = true;
  return !leapt_;
}

void ClockGuard::confirm(Time now, Duration uptime) {
  const std::unique_lock lock{mutex_};
  since_ = uptime;
  offset_ = now.time_since_epoch() - uptime;
  leapt_ = false;
}

}  // namespace cairn::engine
