#pragma once

#include "tests/refusal.hpp"
#include "tests/storage/store_fixture.hpp"

#include <cairn/asio.hpp>
#include <cairn/cairn.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/types.h>

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::tests {

using namespace std::chrono_literals;
using cairn::testing::Folder;
using cairn::testing::refusal;

/// A clock that stands still until it is moved, and then wakes whoever waits on it.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override;
  [[nodiscard]] Duration uptime() const override;
  void wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                  Time until) override;

  /// Time passes.
  void advance(Duration by);
  /// The wall clock is set to another time; the uptime goes on as before.
  void leap(Duration by);

 private:
  struct Waiter {
    std::condition_variable* condition;
    std::mutex* mutex;
  };
  void wake_waiters();

  mutable std::mutex mutex_;
  std::list<Waiter> waiters_;
  Time now_ = Time{Duration{1'795'421'730'250}};  // 2026-11-23T08:15:30.250Z
  Duration uptime_ = 1h;
};

/// The same bytes in every run.
class SeededRandom final : public RandomSource {
 public:
  explicit SeededRandom(std::uint64_t seed) : generator_(seed) {}
  Uuid bytes() override;

 private:
  std::mutex mutex_;
  std::mt19937_64 generator_;
};

/// Keeps what an engine logs.
class Log {
 public:
  [[nodiscard]] LogSink sink();
  /// Waits until a line that contains `part` stands here, and gives it.
  std::string wait_for(std::string_view part);
  [[nodiscard]] std::size_t count(std::string_view part) const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable grown_;
  std::vector<std::string> lines_;
};

/// Where threads stop until the test lets them go on.
class Gate {
 public:
  /// Arrives, and waits until the gate is open.
  void pass();
  /// Waits until so many have arrived.
  void wait_for(std::size_t arrivals);
  void open();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t arrivals_ = 0;
  bool open_ = false;
};

/// Threads that begin together and are joined at the end. What one throws fails the test.
class Crowd {
 public:
  /// Each calls `work` with its number, from 0.
  Crowd(std::size_t size, const std::function<void(std::size_t)>& work);
  ~Crowd() { join(); }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  /// Waits until every thread stands still in the kernel, as one that waits for somebody else does.
  void wait_until_asleep() const;
  void join();

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable begun_;
  std::vector<pid_t> ids_;
  std::vector<std::thread> threads_;
};

/// Threads of this process.
std::size_t count_threads();

/// A workflow that sleeps for an hour.
Task<void> nap(Context& ctx);
/// A workflow of one step, which doubles.
Task<int> twice(Context& ctx, int n);

/// What a test of a whole engine needs around it. The background sweeper is off.
class EngineTest : public ::testing::Test {
 protected:
  [[nodiscard]] EngineOptions options(std::size_t workers = 2) const;
  [[nodiscard]] std::unique_ptr<Store> open_file() const { return open_sqlite(folder / "engine.db"); }

  Folder folder;
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::shared_ptr<Log> log = std::make_shared<Log>();
};

}  // namespace cairn::tests
