#include <cairn/clock.hpp>

#include <algorithm>
#include <build_day.hpp>
#include <ctime>

namespace cairn {

namespace {

class SystemClock final : public Clock {
 public:
  Time now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }

  Time earliest() const override {
    return Time{std::chrono::seconds{engine::build_day} - std::chrono::hours{24}};
  }

  // CLOCK_BOOTTIME goes on while the machine is suspended, so that waking up is no leap of the wall clock.
  Duration uptime() const override {
    timespec time{};
    clock_gettime(CLOCK_BOOTTIME, &time);
    return std::chrono::duration_cast<Duration>(std::chrono::seconds{time.tv_sec} +
                                                std::chrono::nanoseconds{time.tv_nsec});
  }

  void wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                  Time until) override {
    // At most a minute at a time: the wall clock may be set meanwhile, and far times overflow the wait.
    const Time from = now();
    if (until <= from) return;
    condition.wait_for(lock, std::min<Duration>(until - from, std::chrono::minutes{1}));
  }
};

}  // namespace

std::shared_ptr<Clock> system_clock() {
  return std::make_shared<SystemClock>();
}

}  // namespace cairn
