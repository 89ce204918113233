#pragma once

#include <cairn/clock.hpp>

#include <atomic>
#include <cstdint>

namespace cairn::benchmarks {

// The system's clock, which can be put forward: what is due in a day is due at once.
class LeapingClock final : public Clock {
 public:
  void leap(Duration duration) { ahead_ += duration.count(); }

  [[nodiscard]] Time now() const override { return system_->now() + Duration{ahead_.load()}; }
  [[nodiscard]] Duration uptime() const override { return system_->uptime(); }
  // In slices of 10 ms, so that a leap is noticed.
  void wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                  Time until) override;

 private:
  std::shared_ptr<Clock> system_ = system_clock();
  std::atomic<std::int64_t> ahead_ = 0;  // milliseconds
};

}  // namespace cairn::benchmarks
