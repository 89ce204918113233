#include "benchmarks/leaping_clock.hpp"

#include <algorithm>

namespace cairn::benchmarks {

void LeapingClock::wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                              Time until) {
  const Time slice = now() + std::chrono::milliseconds{10};
  system_->wait_until(condition, lock, std::min(until, slice) - Duration{ahead_.load()});
}

}  // namespace cairn::benchmarks
