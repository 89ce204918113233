#include "tests/engine/engine_fixture.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

namespace cairn::tests {

// ---------------------------------------------------------------------------------------------------------
// clock

Time ManualClock::now() const {
  const std::lock_guard lock{mutex_};
  return now_;
}

Duration ManualClock::uptime() const {
  const std::lock_guard lock{mutex_};
  return uptime_;
}

void ManualClock::wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                             Time until) {
  std::list<Waiter>::iterator self;
  {
    const std::lock_guard own{mutex_};
    if (until <= now_) return;
    self = waiters_.insert(waiters_.end(), {&condition, lock.mutex()});
  }
  condition.wait(lock);
  const std::lock_guard own{mutex_};
  waiters_.erase(self);
}

void ManualClock::advance(Duration by) {
  {
    const std::lock_guard lock{mutex_};
    now_ += by;
    uptime_ += by;
  }
  wake_waiters();
}

void ManualClock::leap(Duration by) {
  {
    const std::lock_guard lock{mutex_};
    now_ += by;
  }
  wake_waiters();
}

// A waiter's own mutex says that it waits already, and does not only intend to. It is only tried, because
// waiters take the two in the other order.
void ManualClock::wake_waiters() {
  for (bool missed = true; missed;) {
    missed = false;
    {
      const std::lock_guard lock{mutex_};
      for (const Waiter& waiter : waiters_) {
        const std::unique_lock waits{*waiter.mutex, std::try_to_lock};
        if (waits) waiter.condition->notify_all();
        missed = missed || !waits;
      }
    }
    if (missed) std::this_thread::yield();
  }
}

Uuid SeededRandom::bytes() {
  const std::lock_guard lock{mutex_};
  const std::uint64_t words[2] = {generator_(), generator_()};
  Uuid uuid;
  static_assert(sizeof words == sizeof uuid);
  std::memcpy(uuid.data(), words, sizeof words);
  return uuid;
}

// -----------------------------------------------------------------------------------------------------------
// log

namespace {

auto holds(std::string_view part) {
  return [part](const std::string& line) { return line.find(part) != std::string::npos; };
}

}  // namespace

LogSink Log::sink() {
  return [this](LogLevel /*level*/, std::string_view line) {
    const std::lock_guard lock{mutex_};
    lines_.emplace_back(line);
    grown_.notify_all();
  };
}

std::string Log::wait_for(std::string_view part) {
  std::unique_lock lock{mutex_};
  for (;;) {
    const auto found = std::ranges::find_if(lines_, holds(part));
    if (found != lines_.end()) return *found;
    grown_.wait(lock);
  }
}

std::size_t Log::count(std::string_view part) const {
  const std::lock_guard lock{mutex_};
  return static_cast<std::size_t>(std::ranges::count_if(lines_, holds(part)));
}

// -------------------------------------------------------------------------------------------------------
// threads

void Gate::pass() {
  std::unique_lock lock{mutex_};
  ++arrivals_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return open_; });
}

void Gate::wait_for(std::size_t arrivals) {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return arrivals_ >= arrivals; });
}

void Gate::open() {
  const std::lock_guard lock{mutex_};
  open_ = true;
  changed_.notify_all();
}

Crowd::Crowd(std::size_t size, const std::function<void(std::size_t)>& work) {
  for (std::size_t number = 0; number < size; ++number) {
    threads_.emplace_back([this, number, work, size] {
      {
        std::unique_lock lock{mutex_};
        ids_.push_back(::gettid());
        begun_.notify_all();
        begun_.wait(lock, [&] { return ids_.size() == size; });
      }
      try {
        work(number);
      } catch (const std::exception& error) {
        ADD_FAILURE() << "thread " << number << ": " << error.what();
      }
    });
  }
  std::unique_lock lock{mutex_};
  begun_.wait(lock, [&] { return ids_.size() == size; });
}

void Crowd::join() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

namespace {

// The letter behind the name in /proc/…/stat: S is a thread that sleeps.
char state_of(pid_t thread) {
  std::ifstream file{"/proc/self/task/" + std::to_string(thread) + "/stat"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const std::size_t name_end = text.rfind(") ");
  return name_end == std::string::npos ? '?' : text[name_end + 2];
}

}  // namespace

// One look may catch threads that pass a lock from one to the other; several in a row do not.
void Crowd::wait_until_asleep() const {
  constexpr int looks = 5;
  for (int quiet = 0; quiet < looks;) {
    const bool asleep = std::ranges::all_of(ids_, [](pid_t thread) { return state_of(thread) == 'S'; });
    quiet = asleep ? quiet + 1 : 0;
    std::this_thread::yield();
  }
}

// A thread that was joined stands in /proc for a moment longer.
std::size_t count_threads() {
  std::thread{[] {}}.join();  // beside the first thread of a program a sanitizer may begin one of its own
  constexpr int looks = 20;
  std::ptrdiff_t count = 0;
  for (int same = 0; same < looks;) {
    const std::filesystem::directory_iterator threads{"/proc/self/task"};
    const std::ptrdiff_t found = std::distance(begin(threads), end(threads));
    same = found == count ? same + 1 : 0;
    count = found;
    std::this_thread::yield();
  }
  return static_cast<std::size_t>(count);
}

// -------------------------------------------------------------------------------------------------------
// engines

Task<void> nap(Context& ctx) {
  co_await ctx.sleep("nap", 1h);
}

Task<int> twice(Context& ctx, int n) {
  int result = co_await ctx.step("twice", [&] { return 2 * n; });
  co_return result;
}

EngineOptions EngineTest::options(std::size_t workers) const {
  EngineOptions options;
  options.workers = workers;
  options.clock = clock;
  options.random = std::make_shared<SeededRandom>(1);
  options.log = log->sink();
  options.sweep_interval = Duration{0};
  return options;
}

}  // namespace cairn::tests
