#include "engine/clock_guard.hpp"

#include <chrono>

namespace cairn::engine {

namespace {

constexpr Duration tolerance = std::chrono::minutes{5};
constexpr Duration longest_rest = std::chrono::hours{24 * 366};

bool is_unlikely_after(Time now, Time last_stored) {
  if (last_stored == Time{}) return false;  // a new store
  return now < last_stored - tolerance || now > last_stored + longest_rest;
}

}  // namespace

ClockGuard::ClockGuard(Time now, Duration uptime, Time last_stored)
    : offset_(now.time_since_epoch() - uptime), leapt_(is_unlikely_after(now, last_stored)) {}

bool ClockGuard::check(Time now, Duration uptime) {
  const std::unique_lock lock{mutex_};
  const Duration offset = now.time_since_epoch() - uptime;
  if (std::chrono::abs(offset - offset_) > tolerance) {
    leapt_ = true;
  } else {
    offset_ = offset;  // slow corrections of the clock are no leap
  }
  return !leapt_;
}

void ClockGuard::confirm(Time now, Duration uptime) {
  const std::unique_lock lock{mutex_};
  offset_ = now.time_since_epoch() - uptime;
  leapt_ = false;
}

}  // namespace cairn::engine
