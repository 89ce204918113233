#include "engine/threads/runner.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

// How the threads of a runner begin, keep the time, and come to rest.
namespace cairn::engine {

void Runner::start() {
  pool_.start();
  if (!timer_thread_.joinable()) timer_thread_ = std::thread{[this] { keep_time(); }};
  const std::unique_lock lock{mutex_};
  started_ = true;
}

void Runner::set_periodic(Duration interval, std::function<void()> work) {
  const std::unique_lock lock{mutex_};
  period_ = interval;
  periodic_ = std::move(work);
  if (interval.count() > 0) next_period_ = clock_->uptime() + interval;
}

void Runner::keep_time() {
  std::unique_lock lock{mutex_};
  while (!ending_) {
    const Time now = clock_->now();
    const Duration uptime = clock_->uptime();
    const bool due = (next_time_ && *next_time_ <= now) || (tidy_at_ && *tidy_at_ <= now);
    keeper_until_ = Time::max();
    if (turns_.is_led() || broken_) {
      keeper_.sleep(lock, Signal::default_bound);  // whoever leads tells when there is something
    } else if (work_is_left() || due) {
      if (turns_.try_lead()) lead(lock);
    } else if (next_period_ && *next_period_ <= uptime) {
      work_periodically(lock);
    } else {
      Time until = now + Signal::default_bound;
      if (next_time_) until = std::min(until, *next_time_);
      if (tidy_at_) until = std::min(until, *tidy_at_);
      if (next_period_) until = std::min(until, now + (*next_period_ - uptime));
      keeper_until_ = until;
      clock_->wait_until(keeper_.condition(), lock, until);
      if (turns_.is_left()) keeper_.note_missed();
    }
  }
}

void Runner::work_periodically(std::unique_lock<std::mutex>& lock) {
  next_period_ = clock_->uptime() + period_;
  lock.unlock();
  periodic_();
  lock.lock();
}

bool Runner::halt(Duration deadline) {
  post(Halt{});
  const auto until = std::chrono::steady_clock::now() +
                     std::clamp<Duration>(deadline, Duration{0}, std::chrono::hours{24 * 365});
  std::unique_lock lock{mutex_};
  rest(lock, until);
  keep_nothing_left(lock);
  return !turns_.is_led() && !work_is_left() && bodies_ == 0;
}

// Until nothing runs and nothing is left to do, or until then. Takes turns where nobody else would.
void Runner::rest(std::unique_lock<std::mutex>& lock, std::chrono::steady_clock::time_point until) {
  while (!broken_ && (turns_.is_led() || work_is_left() || bodies_ > 0)) {
    if (work_is_left() && turns_.try_lead()) {
      lead(lock);
      continue;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now >= until) return;
    ++watching_;
    rested_.sleep(lock, std::min<std::chrono::nanoseconds>(until - now, Signal::default_bound));
    --watching_;
  }
}

std::string Runner::running_steps() {
  std::unique_lock lock{mutex_};
  ++watching_;
  rested_.wait(lock, [this] { return broken_ || turns_.try_lead(); });
  --watching_;
  if (broken_) return {};  // the conductor is not to be asked any more
  std::string text;
  for (const std::string& step : conductor_.running_steps()) text += (text.empty() ? "" : ", ") + step;
  leave();
  return text;
}

void Runner::join() {
  {
    std::unique_lock lock{mutex_};
    if (started_) rest(lock, std::chrono::steady_clock::time_point::max());
    ending_ = true;
  }
  keeper_.tell_all();
  if (timer_thread_.joinable()) timer_thread_.join();
  pool_.join();
  io_.join();
}

}  // namespace cairn::engine
