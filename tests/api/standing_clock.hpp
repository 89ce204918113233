#pragma once

#include <cairn/clock.hpp>
#include <cairn/id.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace cairn::tests {

/// A clock that stands still, at 2026-11-23T08:15:30.250Z, until it is set.
class StandingClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override { return Time{Duration{now_.load()}}; }
  [[nodiscard]] Duration uptime() const override { return Duration{now_.load() - leapt_}; }
  void wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                  Time /*until*/) override {
    condition.wait(lock);
  }
  void set(Time now) { now_ = now.time_since_epoch().count(); }
  /// The wall clock alone.
  void leap(Duration by) {
    leapt_ += by.count();
    now_ += by.count();
  }

 private:
  std::atomic<std::int64_t> now_ = 1'795'421'730'250;
  std::atomic<std::int64_t> leapt_ = 0;
};

/// Counts: the n-th call gives sixteen bytes that end with n.
class CountingRandom final : public RandomSource {
 public:
  Uuid bytes() override {
    Uuid bytes{};
    std::uint64_t count = ++count_;
    for (auto byte = bytes.rbegin(); byte != bytes.rend() && count != 0; ++byte, count >>= 8) {
      *byte = static_cast<std::uint8_t>(count & 0xff);
    }
    return bytes;
  }

 private:
  std::atomic<std::uint64_t> count_ = 0;
};

}  // namespace cairn::tests
