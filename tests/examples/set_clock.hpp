#pragma once

#include <cairn/clock.hpp>
#include <cairn/time.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace verify {

// Stands still until it is moved. Whoever waits for a later time waits until he is notified of
// something else.
class SetClock final : public cairn::Clock {
 public:
  [[nodiscard]] cairn::Time now() const override { return cairn::Time{since_1970_.load()}; }
  [[nodiscard]] cairn::Duration uptime() const override { return since_1970_.load(); }
  void wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                  cairn::Time until) override {
    if (until > now()) condition.wait(lock);
  }
  void advance(cairn::Duration by) { since_1970_ = since_1970_.load() + by; }

 private:
  std::atomic<cairn::Duration> since_1970_{std::chrono::hours{24 * 365 * 55}};
};

}  // namespace verify
