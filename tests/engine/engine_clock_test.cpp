// Spans of time and a wall clock that is set.

#include "tests/engine/engine_fixture.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace cairn::tests {
namespace {

using ::testing::IsEmpty;

constexpr Duration many_years = 24h * 365 * 31;

/// A clock that cannot rightly be before the moment at which the manual one was made.
class DatedClock final : public Clock {
 public:
  explicit DatedClock(std::shared_ptr<ManualClock> clock)
      : clock_(std::move(clock)), earliest_(clock_->now()) {}

  [[nodiscard]] Time now() const override { return clock_->now(); }
  [[nodiscard]] Duration uptime() const override { return clock_->uptime(); }
  [[nodiscard]] Time earliest() const override { return earliest_; }
  void wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                  Time until) override {
    clock_->wait_until(condition, lock, until);
  }

 private:
  const std::shared_ptr<ManualClock> clock_;
  const Time earliest_;
};

Task<std::string> approval(Context& ctx) {
  bool timed_out = false;
  try {
    static_cast<void>(co_await ctx.wait_for_event("approval", {.type = "approved", .timeout = 72h}));
  } catch (const TimeoutError&) {
    timed_out = true;
  }
  if (timed_out) co_return "timed out";
  co_return "approved";
}

/// With instances that stay in memory, and with such that leave it at once.
class ClockTest : public EngineTest, public ::testing::WithParamInterface<bool> {
 protected:
  [[nodiscard]] EngineOptions options() const {
    EngineOptions chosen = EngineTest::options();
    chosen.resident = GetParam() ? 1'000 : 0;
    chosen.evict_after = 24h * 3'000;
    return chosen;
  }
  [[nodiscard]] std::unique_ptr<Engine> make() const {
    return std::make_unique<Engine>(open_file(), options());
  }

  // Sees to it that the engine has looked at the clock: calls are answered behind that.
  static void look(Workflow<void, void>& naps) { static_cast<void>(naps.create_batch({{}})); }

  template <class Out>
  static Instance<Out> begin(Workflow<void, Out>& workflow) {
    Instance<Out> instance = workflow.create({});
    while (instance.status() != Status::waiting) std::this_thread::yield();
    return instance;
  }

  // It ends when so much has passed, and not a second before.
  void expect_to_last(Workflow<void, void>& naps, const Instance<void>& instance, Duration span) {
    clock->advance(span - 1s);
    look(naps);
    look(naps);
    EXPECT_EQ(instance.status(), Status::waiting);
    clock->advance(1s);
    EXPECT_NO_THROW(instance.wait_for(20s));
  }
};

INSTANTIATE_TEST_SUITE_P(Clocks, ClockTest, ::testing::Bool(),
                         [](const auto& chosen) { return chosen.param ? "InMemory" : "InTheStore"; });

TEST_P(ClockTest, ASleepKeepsItsLengthWhenTheClockIsSetAhead) {
  auto engine = make();
  auto naps = engine->define("nap", nap);
  engine->start();
  const auto instance = begin(naps);
  clock->advance(10min);
  clock->leap(many_years);
  log->wait_for("the wall clock was set");
  expect_to_last(naps, instance, 50min);
}

TEST_P(ClockTest, ASleepKeepsItsLengthWhenTheClockIsSetBack) {
  auto engine = make();
  auto naps = engine->define("nap", nap);
  engine->start();
  const auto instance = begin(naps);
  clock->advance(10min);
  clock->leap(-many_years);
  log->wait_for("the wall clock was set");
  expect_to_last(naps, instance, 50min);
}

TEST_P(ClockTest, ASleepKeepsItsLengthWhenTheClockIsSetThereAndBack) {
  auto engine = make();
  auto naps = engine->define("nap", nap);
  engine->start();
  const auto first = begin(naps);
  clock->leap(2h);
  look(naps);
  const auto second = begin(naps);
  clock->advance(20min);
  clock->leap(-2h);
  look(naps);
  expect_to_last(naps, first, 40min);
  EXPECT_NO_THROW(second.wait_for(20s));
}

TEST_P(ClockTest, ASleepOfAnEarlierLifeFollowsTheClock) {
  {
    auto engine = make();
    auto naps = engine->define("nap", nap);
    engine->start();
    static_cast<void>(begin(naps));
  }
  auto engine = make();
  auto naps = engine->define("nap", nap);
  engine->start();
  const auto instance = naps.get(naps.list({}).instances.at(0).id);
  clock->leap(1h);
  EXPECT_NO_THROW(instance.wait_for(20s));
}

TEST_P(ClockTest, WhatAnEngineHasMovedStaysMovedInTheNextLife) {
  std::string id;
  {
    auto engine = make();
    auto naps = engine->define("nap", nap);
    engine->start();
    id = begin(naps).id();
    clock->leap(many_years);
    look(naps);
  }
  auto engine = make();
  auto naps = engine->define("nap", nap);
  engine->start();
  expect_to_last(naps, naps.get(id), 1h);
}

TEST_P(ClockTest, AnApprovalThatBeganIn1995WaitsItsThreeDays) {
  clock->leap(many_years);
  EngineOptions dated = options();
  dated.clock = std::make_shared<DatedClock>(clock);
  clock->leap(-many_years);
  Engine engine{open_file(), dated};
  auto naps = engine.define("nap", nap);
  auto approvals = engine.define("approval", approval);
  engine.start();
  const auto instance = begin(approvals);
  clock->advance(40s);
  clock->leap(many_years);
  log->wait_for("the wall clock was set");
  clock->advance(72h - 41s);
  look(naps);
  EXPECT_EQ(instance.status(), Status::waiting);
  clock->advance(1s);
  EXPECT_EQ(instance.wait(), "timed out");
}

TEST_P(ClockTest, ADoubtThatEndsBetweenTwoLivesLeavesSpansTheirLength) {
  std::string in_order;
  std::string in_doubt;
  {
    auto engine = make();
    auto naps = engine->define("nap", nap);
    engine->start();
    in_order = begin(naps).id();
  }
  clock->leap(-many_years);  // a device without a battery is switched on
  {
    auto engine = make();
    auto naps = engine->define("nap", nap);
    engine->start();
    in_doubt = begin(naps).id();
    clock->advance(10min);
    look(naps);  // what the file knows last of the time
    EXPECT_EQ(naps.get(in_order).status(), Status::waiting);
  }
  clock->leap(many_years + 48h);
  auto engine = make();
  auto naps = engine->define("nap", nap);
  engine->start();
  EXPECT_NO_THROW(naps.get(in_order).wait_for(20s)) << "it rested for two days";
  expect_to_last(naps, naps.get(in_doubt), 50min);
}

TEST_P(ClockTest, AFixedTimeIsWhenTheClockShowsIt) {
  auto engine = make();
  auto naps = engine->define("nap", nap);
  const Time until = clock->now() + 24h * 365;
  auto fixed = engine->define(
      "fixed", [until](Context& ctx) -> Task<void> { co_await ctx.sleep_until("until", until); });
  engine->start();
  const auto instance = begin(fixed);
  clock->leap(24h * 364);
  look(naps);
  EXPECT_EQ(instance.status(), Status::waiting);
  clock->advance(24h);
  EXPECT_NO_THROW(instance.wait_for(20s));
}

TEST_P(ClockTest, APauseIsAsLongAsItWas) {
  auto engine = make();
  auto naps = engine->define("nap", nap);
  engine->start();
  const auto instance = begin(naps);
  clock->advance(10min);
  instance.pause();
  clock->advance(20min);
  clock->leap(many_years);
  look(naps);
  instance.resume();
  expect_to_last(naps, instance, 50min);
}

TEST_P(ClockTest, WhatEndedUnderAClockInDoubtIsKeptAsLongAsItShould) {
  clock->leap(many_years);
  EngineOptions dated = options();
  dated.clock = std::make_shared<DatedClock>(clock);
  clock->leap(-many_years);
  Engine engine{open_file(), dated};
  auto naps = engine.define("nap", nap);
  engine.start();
  naps.create({.id = "ended", .retention = {.error = 24h}}).terminate();
  clock->leap(many_years);
  look(naps);
  engine.confirm_clock();
  clock->advance(24h - 1s);
  EXPECT_EQ(engine.sweep().instances, 0U);
  clock->advance(1s);
  EXPECT_EQ(engine.sweep().instances, 1U);
}

TEST_P(ClockTest, AConfirmedClockIsBelievedInTheNextLifeAsWell) {
  {
    auto engine = make();
    static_cast<void>(engine->define("nap", nap));
  }
  clock->leap(-24h * 30);
  {
    auto engine = make();
    engine->start();
    EXPECT_THAT(log->wait_for("the wall clock stood at"), ::testing::HasSubstr("the time of the last write"));
    EXPECT_EQ(refusal([&] { engine->sweep(); }).first, Errc::clock_unconfirmed);
  }
  {
    auto engine = make();
    engine->confirm_clock();
    engine->sweep();
  }
  auto engine = make();
  engine->sweep();
  EXPECT_THAT(engine->health().complaints, IsEmpty());
}

/// A clock of which each reading of the wall clock takes as long as one likes, and may fail.
class SlowClock final : public Clock {
 public:
  explicit SlowClock(std::shared_ptr<ManualClock> clock) : clock_(std::move(clock)) {}

  [[nodiscard]] Time now() const override {
    if (fails) throw std::runtime_error{"no clock"};
    const Time read = clock_->now();
    if (stops-- > 0) clock_->advance(10min);
    return read;
  }
  [[nodiscard]] Duration uptime() const override {
    if (uptime_fails) throw std::runtime_error{"no uptime"};
    return clock_->uptime();
  }
  void wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                  Time until) override {
    clock_->wait_until(condition, lock, until);
  }

  mutable std::atomic<int> stops = 0;  // so many readings yet behind which the process stands still
  std::atomic<bool> fails = false;
  std::atomic<bool> uptime_fails = false;

 private:
  const std::shared_ptr<ManualClock> clock_;
};

TEST_F(EngineTest, AProcessThatStandsStillBetweenTwoReadingsSeesNoLeap) {
  EngineOptions slow = options();
  const auto slow_clock = std::make_shared<SlowClock>(clock);
  slow.clock = slow_clock;
  Engine engine{open_memory(), slow};
  for (int stops = 1; stops < 10; ++stops) {
    slow_clock->stops = stops;
    static_cast<void>(engine.health());
    slow_clock->stops = 0;
    EXPECT_THAT(engine.health().complaints, IsEmpty());
    EXPECT_NO_THROW(engine.sweep());
  }
}

TEST_F(EngineTest, AClockThatFailedForAWhileHasNotLeapt) {
  EngineOptions slow = options();
  const auto slow_clock = std::make_shared<SlowClock>(clock);
  slow.clock = slow_clock;
  Engine engine{open_memory(), slow};
  slow_clock->fails = true;
  clock->advance(10min);
  const auto [code, message] = refusal([&] { engine.sweep(); });
  EXPECT_EQ(code, Errc::clock_unconfirmed);
  EXPECT_THAT(message, ::testing::HasSubstr("the clock cannot be read"));
  slow_clock->fails = false;
  EXPECT_NO_THROW(engine.sweep());
  EXPECT_THAT(engine.health().complaints, IsEmpty());
}

TEST_F(EngineTest, ASleepKeepsItsLengthWhereTheClockIsSetWhileItsUptimeFails) {
  EngineOptions slow = options();
  const auto slow_clock = std::make_shared<SlowClock>(clock);
  slow.clock = slow_clock;
  Engine engine{open_memory(), slow};
  auto naps = engine.define("nap", nap);
  engine.start();
  const auto instance = naps.create({});
  while (instance.status() != Status::waiting) std::this_thread::yield();
  const auto look = [&] { static_cast<void>(naps.create_batch({{}})); };
  slow_clock->uptime_fails = true;
  clock->leap(many_years);
  for (int i = 0; i < 3; ++i) look();
  EXPECT_EQ(instance.status(), Status::waiting);
  slow_clock->uptime_fails = false;
  look();
  clock->advance(1h - 1s);
  for (int i = 0; i < 3; ++i) look();
  EXPECT_EQ(instance.status(), Status::waiting);
  clock->advance(1s);
  EXPECT_NO_THROW(instance.wait_for(20s));
}

}  // namespace
}  // namespace cairn::tests
