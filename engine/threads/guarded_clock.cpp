#include "engine/threads/guarded_clock.hpp"

#include <cairn/detail/caught.hpp>
#include <cairn/error.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace cairn::engine {

namespace {

// Beyond any span that is added to a time (`duration_max`), and far from where a sum would overflow.
constexpr std::int64_t farthest = std::int64_t{1} << 61;

// How long a thread waits on a clock that cannot wait, before it looks around again.
constexpr std::chrono::milliseconds patience{100};

// Clocks that are read within it are read together, as far as leaps of minutes go.
constexpr std::chrono::seconds moment{1};
constexpr int readings_max = 4;

constexpr unsigned now_function = 1;
constexpr unsigned uptime_function = 2;
constexpr unsigned wait_function = 4;

std::int64_t drawn_in(std::int64_t reading) {
  return std::clamp(reading, -farthest, farthest);
}

}  // namespace

GuardedClock::GuardedClock(std::shared_ptr<Clock> clock)
    : clock_(std::move(clock)),
      earliest_(clock_->earliest()),
      last_now_(drawn_in(clock_->now().time_since_epoch().count())),
      last_uptime_(drawn_in(clock_->uptime().count())) {}

// Whether it returned. What it throws is noted.
template <class Call>
bool GuardedClock::attempt(Function function, Call call) const noexcept {
  bool returned = false;
  const auto run = [&] {
    call();
    returned = true;
  };
  detail::contain(run, [&] { note_failure(function, detail::what_of_current_exception()); });
  if (returned && (failing_ & function) != 0) note_success(function);
  return returned;
}

Time GuardedClock::now() const {
  attempt(now_function, [&] { last_now_ = drawn_in(clock_->now().time_since_epoch().count()); });
  return Time{Duration{last_now_}};
}

Duration GuardedClock::uptime() const {
  attempt(uptime_function, [&] { last_uptime_ = drawn_in(clock_->uptime().count()); });
  return Duration{last_uptime_};
}

// A process may be stopped, or a machine suspended, between any two readings.
ClockReading GuardedClock::read() const {
  ClockReading reading;
  for (int i = 0; i < readings_max; ++i) {
    const Duration before = uptime();
    reading.now = now();
    reading.uptime = uptime();
    reading.is_stale = (failing_ & (now_function | uptime_function)) != 0;
    if (reading.is_stale || reading.uptime - before <= moment) return reading;
  }
  reading.is_stale = true;
  return reading;
}

void GuardedClock::wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                              Time until) {
  if (attempt(wait_function, [&] { clock_->wait_until(condition, lock, until); })) return;
  if (!lock.owns_lock()) lock.lock();
  condition.wait_for(lock, patience);
}

std::optional<Outage> GuardedClock::failure() const {
  const std::lock_guard lock{mutex_};
  return failure_;
}

void GuardedClock::note_failure(Function function, const std::string& text) const noexcept {
  const auto note = [&] {
    const std::lock_guard lock{mutex_};
    const Time since = failure_ ? failure_->since : Time{Duration{last_now_}};
    failure_ = Outage{since, Errc::internal,
                      error_text("the clock has thrown, and its last reading counts: " + text)};
    failing_ |= function;
  };
  detail::contain(note, [] {});  // without memory for it, it is noted the next time
}

void GuardedClock::note_success(Function function) const noexcept {
  const std::lock_guard lock{mutex_};
  failing_ &= ~function;
  if (failing_ == 0) failure_.reset();
}

}  // namespace cairn::engine
