#include "engine/runner.hpp"

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
    timer_until_ = Time::max();
    if (leading_ || broken_) {
      timer_.wait(lock);
    } else if (!inbox_.empty() || more_ || due) {
      lead(lock);
    } else if (next_period_ && *next_period_ <= uptime) {
      work_periodically(lock);
    } else {
      Time until = now + std::chrono::hours{1};
      if (next_time_) until = std::min(until, *next_time_);
      if (tidy_at_) until = std::min(until, *tidy_at_);
      if (next_period_) until = std::min(until, now + (*next_period_ - uptime));
      timer_until_ = until;
      clock_->wait_until(timer_, lock, until);
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
  const auto rests = [this] { return !leading_ && inbox_.empty() && !more_ && bodies_ == 0; };
  while (!rests() && !broken_) {
    if (!leading_ && (!inbox_.empty() || more_)) {
      lead(lock);
      continue;
    }
    ++watching_;
    const std::cv_status status = turns_.wait_until(lock, until);
    --watching_;
    if (status == std::cv_status::timeout) break;
  }
  hand_over(lock);
  return rests();
}

std::string Runner::running_steps() {
  std::unique_lock lock{mutex_};
  ++watching_;
  while (leading_) turns_.wait(lock);
  --watching_;
  std::string text;
  for (const std::string& step : conductor_.running_steps()) text += (text.empty() ? "" : ", ") + step;
  nudge_timer();
  return text;
}

void Runner::join() {
  {
    std::unique_lock lock{mutex_};
    while (started_ && !broken_ && (leading_ || !inbox_.empty() || more_ || bodies_ > 0)) {
      if (!leading_ && (!inbox_.empty() || more_)) {
        lead(lock);
        continue;
      }
      ++watching_;
      turns_.wait(lock);
      --watching_;
    }
    ending_ = true;
  }
  timer_.notify_all();
  if (timer_thread_.joinable()) timer_thread_.join();
  pool_.join();
  io_.join();
}

}  // namespace cairn::engine
