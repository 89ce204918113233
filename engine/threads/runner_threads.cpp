#include "engine/threads/runner.hpp"

#include <cairn/detail/counted.hpp>

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

// How the threads of a runner begin, keep the time, and come to rest.
namespace cairn::engine {

namespace {

constexpr std::chrono::milliseconds asking_max{100};
constexpr std::chrono::milliseconds hand_over_max{100};  // the timer thread has taken a turn by then
constexpr std::chrono::milliseconds breath{1};
constexpr int hasty_max = 10;  // returns in a row of a clock that does not wait

}  // namespace

void Runner::start() {
  pool_.start();
  lines_.start();
  stops_.start();
  if (period_.count() > 0) periodical_.start();
  {
    const std::lock_guard lock{mutex_};
    if (period_.count() > 0 && !next_period_) next_period_ = clock_->uptime() + period_;
  }
  if (!timer_thread_.joinable()) timer_thread_ = std::thread{[this] { keep_time(); }};
  const std::lock_guard lock{mutex_};
  started_ = true;
}

void Runner::set_periodic(Duration interval, std::function<void()> work) {
  period_ = interval;
  periodic_ = std::move(work);
}

void Runner::keep_time() {
  std::unique_lock lock{mutex_};
  timer_ = std::this_thread::get_id();
  int hasty = 0;
  while (!ending_) {
    const ClockReading reading = clock_->read();
    const Duration uptime = reading.uptime;
    // As a turn would have it.
    const Time now = reading.is_stale ? Time{uptime + clock_offset_} : reading.now;
    if (next_period_ && *next_period_ <= uptime && !broken_) {
      work_periodically();
      hasty = 0;
      continue;
    }
    Time next = now + Signal::default_bound;
    if (next_time_) next = std::min(next, *next_time_);
    if (tidy_at_) next = std::min(next, saturating_add(now, *tidy_at_ - uptime));
    if (next_period_) next = std::min(next, now + (*next_period_ - uptime));
    if (next_uptime_) next = std::min(next, saturating_add(now, *next_uptime_ - uptime));
    // What a clock that was set means for the times above, the next turn says.
    const bool is_set = !reading.is_stale && is_leap(reading.offset() - clock_offset_);
    const bool due = next <= now || is_set;
    if (!broken_ && (due || turns_.is_left()) && turns_.try_lead()) {
      lead(lock);
      hasty = 0;
      continue;
    }
    // Whoever leads tells when something is left, or is to be done sooner than that.
    keeper_until_ = due ? Time::max() : next;
    keeper_until_uptime_ = due ? Duration::max() : uptime + (next - now);
    const auto begin = std::chrono::steady_clock::now();
    clock_->wait_until(keeper_.condition(), lock, due ? now + Signal::default_bound : next);
    if (turns_.is_left()) keeper_.note_missed();
    // A clock of the host may return early, with the lock, and as often as it likes: others want it as well.
    hasty = std::chrono::steady_clock::now() - begin < breath ? hasty + 1 : 0;
    if (hasty > hasty_max && !turns_.is_left()) static_cast<void>(keeper_.sleep(lock, breath));
  }
}

// With the lock. One that takes longer than its period is not begun twice, but again when it is over.
void Runner::work_periodically() {
  next_period_ = clock_->uptime() + period_;
  if (std::exchange(periodic_runs_, true)) {
    periodic_again_ = true;
    return;
  }
  const auto work = [this] {
    for (;;) {
      periodic_();
      const std::lock_guard lock{mutex_};
      if (std::exchange(periodic_again_, false) && !ending_) continue;
      periodic_runs_ = false;
      return;
    }
  };
  try {
    periodical_.give(work);
  } catch (const std::bad_alloc&) {
    periodic_runs_ = false;  // and tried again after another period
  }
}

bool Runner::halt(Duration deadline) {
  post(Halt{});
  const auto until = std::chrono::steady_clock::now() +
                     std::clamp<Duration>(deadline, hand_over_max, std::chrono::hours{24 * 365});
  std::unique_lock lock{mutex_};
  rest(lock, until);
  keep_nothing_left(lock);
  return is_at_rest();
}

// Does what keeps the engine from its rest, where nobody else would: takes a turn, or asks bodies to stop as
// the thread that does that, which this one may be, since a callback of a stop token may stop its engine.
// Whoever else waits does not let himself be kept by a store, or by code of the host. Whether there was
// something.
bool Runner::take_part(std::unique_lock<std::mutex>& lock) {
  if (!broken_ && work_is_left() && (!has_keeper() || is_keeper()) && turns_.try_lead()) {
    lead(lock);
    return true;
  }
  if (!started_ || !stops_.is_here() || stops_.waiting() == 0) return false;
  lock.unlock();
  stops_.help();
  lock.lock();
  return true;
}

// Nothing runs and nothing is left to do. After a fault the conductor knows of no body any more.
bool Runner::is_at_rest() const noexcept {
  if (broken_) return body_counts_.running == 0;
  return !turns_.is_led() && !work_is_left() && bodies_ == 0;
}

// Until then, or until it is so.
void Runner::rest(std::unique_lock<std::mutex>& lock, std::chrono::steady_clock::time_point until) {
  while (!is_at_rest()) {
    if (take_part(lock)) continue;
    const auto now = std::chrono::steady_clock::now();
    if (now >= until) return;
    ++watching_;
    const bool told = rested_.sleep(lock,
                                    std::min<std::chrono::nanoseconds>(until - now, Signal::default_bound));
    --watching_;
    if (!told && is_at_rest()) rested_.note_missed();
  }
}

/// The lead of whoever takes no turn, given back also when there is no memory for what it is for. With the
/// lock.
class Runner::Lead {
 public:
  explicit Lead(Runner& runner) noexcept : runner_(runner) {}
  ~Lead() { runner_.leave(); }
  Lead(const Lead&) = delete;
  Lead& operator=(const Lead&) = delete;

 private:
  Runner& runner_;
};

std::string Runner::what_runs() {
  std::unique_lock lock{mutex_};
  // Whoever leads may be in a store that does not return.
  const auto until = std::chrono::steady_clock::now() + asking_max;
  bool leads = false;
  while (!broken_ && !(leads = turns_.try_lead()) && std::chrono::steady_clock::now() < until) {
    ++watching_;
    static_cast<void>(rested_.sleep(lock, asking_max));
    --watching_;
  }
  const std::size_t running = body_counts_.running;
  const auto bodies = [running] {
    return detail::counted(running, "body still runs", "bodies still run") + ", and nobody can say which";
  };
  if (broken_) return running == 0 ? "" : bodies() + " after a fault of the engine";
  if (!leads) return "the store does not answer" + (running == 0 ? "" : "; " + bodies());
  const Lead lead{*this};
  std::string steps;
  for (const std::string& step : conductor_.running_steps()) steps += (steps.empty() ? "" : ", ") + step;
  return steps.empty() ? "" : "bodies still run: " + steps;
}

void Runner::join() {
  {
    std::unique_lock lock{mutex_};
    if (started_) rest(lock, std::chrono::steady_clock::time_point::max());
    ending_ = true;
  }
  keeper_.tell_all();
  if (timer_thread_.joinable()) timer_thread_.join();
  {
    const std::lock_guard lock{mutex_};
    timer_ = {};  // another thread may get its id
  }
  periodical_.join();
  stops_.join();
  lines_.join();
  try {
    if (lines_left_out_ > 0) log(LogLevel::warning, line_of_left_out().text);
  } catch (const std::bad_alloc&) {
    // Then nobody hears that lines were left out.
  }
  pool_.join();
  io_.join();
}

}  // namespace cairn::engine
