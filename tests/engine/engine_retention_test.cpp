#include "tests/engine/engine_fixture.hpp"
#include "tests/engine/watched_store.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>

// How long a finished instance is kept, and what a sweep takes.
namespace cairn::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

Task<void> obey(Context& ctx, std::string how) {
  const StepOptions once{.retries = {.limit = 0}};
  if (how == "sleep") co_await ctx.sleep("sleep", 24h);
  co_await ctx.step("end", once, [&] {
    if (how == "fail") throw std::runtime_error{"as asked"};
  });
}

class RetentionTest : public EngineTest {
 protected:
  // An instance that has ended now.
  Instance<void> end(Workflow<std::string, void>& workflow, const std::string& how, Retention retention = {},
                     const std::string& id = {}) {
    auto instance = workflow.create({.id = id, .params = how, .retention = retention});
    if (how == "sleep") instance.terminate();
    try {
      instance.wait();
    } catch (const InstanceError&) {
      EXPECT_NE(how, "complete");
    }
    return instance;
  }

  std::optional<Duration> kept(const Instance<void>& instance) {
    const InstanceDetail detail = instance.describe();
    EXPECT_EQ(detail.ended, clock->now());
    if (!detail.expires) return std::nullopt;
    return *detail.expires - *detail.ended;
  }
};

TEST_F(RetentionTest, TheOutcomeDecidesWhichSpanCounts) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("obey", obey);
  engine.start();
  const Retention both{.success = 1h, .error = 2h};
  EXPECT_EQ(kept(end(workflow, "complete", both)), 1h);
  EXPECT_EQ(kept(end(workflow, "fail", both)), 2h);
  EXPECT_EQ(kept(end(workflow, "sleep", both)), 2h);
  EXPECT_EQ(kept(end(workflow, "complete")), std::nullopt);
}

TEST_F(RetentionTest, TheInstanceGoesBeforeTheWorkflowBeforeTheEngine) {
  EngineOptions with_default = options();
  with_default.default_retention = {.success = 1h, .error = 2h};
  Engine engine{open_memory(), with_default};
  auto plain = engine.define("plain", obey);
  auto own = engine.define("own", obey, {.default_retention = {.success = 3h}});
  engine.start();
  EXPECT_EQ(kept(end(plain, "complete")), 1h);
  EXPECT_EQ(kept(end(plain, "fail")), 2h);
  EXPECT_EQ(kept(end(own, "complete")), 3h);
  EXPECT_EQ(kept(end(own, "fail")), 2h);
  EXPECT_EQ(kept(end(own, "complete", {.error = 4h})), 3h);
  EXPECT_EQ(kept(end(own, "complete", {.success = 4h})), 4h);
}

TEST_F(RetentionTest, WhatWasFixedAtTheEndStays) {
  std::optional<Time> expires;
  {
    Engine engine{open_file(), options()};
    auto workflow = engine.define("obey", obey, {.default_retention = {.success = 1h}});
    engine.start();
    expires = end(workflow, "complete", {}, "a").describe().expires;
  }
  Engine engine{open_file(), options()};
  auto workflow = engine.define("obey", obey, {.default_retention = {.success = 5min}});
  EXPECT_EQ(workflow.get("a").describe().expires, expires);
  clock->advance(30min);
  EXPECT_EQ(engine.sweep().instances, 0U);
}

TEST_F(RetentionTest, NothingGoesEarlyAndAllGoesOnTime) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("obey", obey);
  engine.start();
  auto instance = end(workflow, "complete", {.success = 10min}, "a");
  end(workflow, "complete", {}, "kept");
  clock->advance(10min - 1ms);
  EXPECT_EQ(engine.sweep().instances, 0U);
  EXPECT_EQ(instance.status(), Status::complete);
  clock->advance(1ms);
  const SweepReport swept = engine.sweep();
  EXPECT_EQ(swept.instances, 1U);
  EXPECT_EQ(swept.steps, 1U);
  EXPECT_FALSE(workflow.find("a"));
  EXPECT_TRUE(workflow.find("kept"));
  EXPECT_EQ(refusal([&] { static_cast<void>(instance.status()); }).first, Errc::instance_not_found);
  EXPECT_EQ(refusal([&] { static_cast<void>(instance.describe()); }).first, Errc::instance_not_found);
  EXPECT_EQ(refusal([&] { instance.wait(); }).first, Errc::instance_not_found);
  EXPECT_EQ(refusal([&] { instance.restart(); }).first, Errc::instance_not_found);
  end(workflow, "complete", {}, "a");  // the id is free again
  EXPECT_EQ(refusal([&] { static_cast<void>(instance.status()); }).first, Errc::instance_not_found);
}

TEST_F(RetentionTest, UnfinishedInstancesAreNeverSwept) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("obey", obey);
  workflow.create({.id = "a", .params = "sleep", .retention = {.success = 1ms, .error = 1ms}});
  clock->advance(24h);
  EXPECT_EQ(engine.sweep().instances, 0U);
  engine.start();
  EXPECT_EQ(engine.sweep().instances, 0U);
  EXPECT_TRUE(workflow.find("a"));
}

TEST_F(RetentionTest, ARestartedInstanceIsKept) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("obey", obey);
  auto instance = workflow.create({.params = "sleep", .retention = {.error = 1min}});
  instance.terminate();
  instance.restart();
  clock->advance(1h);
  EXPECT_EQ(engine.sweep().instances, 0U);
  EXPECT_EQ(instance.describe().expires, std::nullopt);
}

TEST_F(RetentionTest, ASweepGoesInPiecesAndWorksBeforeStart) {
  auto watch = std::make_shared<StoreWatch>();
  Engine engine{std::make_unique<WatchedStore>(open_file(), watch), options()};
  auto workflow = engine.define("obey", obey);
  std::vector<NewInstance<std::string>> batch(600, {.retention = {.error = 1min}});
  for (const CreatedInstance& created : workflow.create_batch(batch).created) {
    workflow.get(created.id).terminate();
  }
  clock->advance(1h);
  watch->forget_groups();
  EXPECT_EQ(engine.sweep().instances, 600U);
  std::size_t most = 64;  // and twice as many in the next piece, while nobody else calls
  for (const StoreWatch::Group& group : watch->groups()) {
    ASSERT_THAT(group.changes, SizeIs(1));
    EXPECT_LE(std::get<Sweep>(group.changes[0]).limit, most);
    most = std::min<std::size_t>(2 * most, 500);
  }
  EXPECT_GE(watch->groups().size(), 4U);
  EXPECT_EQ(engine.sweep().instances, 0U);
}

TEST_F(RetentionTest, TheSweeperLooksByItself) {
  EngineOptions sweeping = options();
  sweeping.sweep_interval = 1min;
  Engine engine{open_memory(), sweeping};
  auto workflow = engine.define("obey", obey);
  engine.start();
  end(workflow, "complete", {.success = 10s}, "first");
  clock->advance(1min);
  EXPECT_THAT(log->wait_for("swept"), HasSubstr("swept 1 instance with 1 step and 0 events"));
  EXPECT_FALSE(workflow.find("first"));
  end(workflow, "fail", {.error = 10s}, "second");
  end(workflow, "fail", {.error = 10s}, "third");
  clock->advance(1min);
  log->wait_for("swept 2 instances");
}

TEST_F(RetentionTest, ALeapOfTheWallClockSuspendsSweepingUntilItIsConfirmed) {
  EngineOptions sweeping = options();
  sweeping.sweep_interval = 1min;
  Engine engine{open_memory(), sweeping};
  auto workflow = engine.define("obey", obey);
  engine.start();
  end(workflow, "complete", {.success = 1h}, "a");
  clock->leap(2h);
  clock->advance(1min);
  log->wait_for("the wall clock was set 2 hours ahead while the engine ran");
  EXPECT_EQ(refusal([&] { engine.sweep(); }).first, Errc::clock_unconfirmed);
  clock->leap(-2h);
  EXPECT_EQ(refusal([&] { engine.sweep(); }).first, Errc::clock_unconfirmed) << "there and back is no proof";
  EXPECT_TRUE(workflow.find("a"));
  engine.confirm_clock();
  EXPECT_EQ(engine.sweep().instances, 0U);
  clock->advance(1h);
  log->wait_for("swept 1 instance ");
  EXPECT_EQ(log->count("nothing is deleted until confirm_clock()"), 1U);
}

TEST_F(RetentionTest, SmallCorrectionsOfTheClockAreNoLeap) {
  Engine engine{open_memory(), options()};
  for (int i = 0; i < 10; ++i) {
    clock->leap(4min);
    engine.sweep();
    clock->advance(3h);
    engine.sweep();
    clock->leap(-4min);
    engine.sweep();
  }
}

// A host's clock may be slewed by 500 ppm against its monotonic one, for as long as it likes.
TEST_F(RetentionTest, AClockThatIsSlewedIsNoLeap) {
  Engine engine{open_memory(), options()};
  for (int day = 0; day < 100; ++day) {
    clock->advance(24h);
    clock->leap(43s);
    engine.sweep();
  }
}

TEST_F(RetentionTest, AClockThatCreepsAheadIsNotBelieved) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("obey", obey);
  workflow.create({.id = "kept", .params = "sleep", .retention = {.error = 24h}}).terminate();
  std::size_t sweeps = 0;
  const auto creep_and_sweep = [&] {
    for (; sweeps < 1'000; ++sweeps) {
      clock->advance(1min);
      clock->leap(200s);
      engine.sweep();
    }
  };
  EXPECT_EQ(refusal(creep_and_sweep).first, Errc::clock_unconfirmed);
  EXPECT_EQ(sweeps, 1U);
  EXPECT_TRUE(workflow.find("kept"));
}

/// A clock that leaps by a year at one of its readings.
class LeapingClock final : public Clock {
 public:
  explicit LeapingClock(std::shared_ptr<ManualClock> clock) : clock_(std::move(clock)) {}

  void leap_after(int readings) { readings_ = readings; }

  [[nodiscard]] Time now() const override {
    if (readings_ >= 0 && readings_-- == 0) clock_->leap(24h * 365);
    return clock_->now();
  }
  [[nodiscard]] Duration uptime() const override { return clock_->uptime(); }
  void wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                  Time until) override {
    clock_->wait_until(condition, lock, until);
  }

 private:
  const std::shared_ptr<ManualClock> clock_;
  mutable std::atomic<int> readings_ = -1;
};

TEST_F(RetentionTest, ALeapAtAnyMomentOfASweepTakesNothingEarly) {
  const auto leaping = std::make_shared<LeapingClock>(clock);
  EngineOptions with_leaps = options();
  with_leaps.clock = leaping;
  std::set<std::size_t> swept;
  for (int readings = 0; readings < 12; ++readings) {
    Engine engine{open_memory(), with_leaps};
    auto workflow = engine.define("obey", obey);
    std::vector<NewInstance<std::string>> batch(40, {.retention = {.error = 1ms}});
    for (std::size_t i = 0; i < 5; ++i)
      batch.push_back({.id = "kept-" + std::to_string(i), .retention = {.error = 24h * 30}});
    for (const CreatedInstance& created : workflow.create_batch(batch).created)
      workflow.get(created.id).terminate();
    clock->advance(1s);
    leaping->leap_after(readings);
    try {
      swept.insert(engine.sweep().instances);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Errc::clock_unconfirmed);
      swept.insert(0);
    }
    leaping->leap_after(-1);
    for (std::size_t i = 0; i < 5; ++i)
      EXPECT_TRUE(workflow.find("kept-" + std::to_string(i))) << "leap at reading " << readings;
  }
  EXPECT_TRUE(swept.contains(0)) << "a leap before the first piece";
  EXPECT_TRUE(swept.contains(16)) << "a leap between pieces";
  EXPECT_TRUE(swept.contains(40)) << "a leap behind the last one";
}

TEST_F(RetentionTest, AClockThatStandsFarFromTheFileIsNotBelieved) {
  const auto open_and_sweep = [&] {
    Engine engine{open_file(), options()};
    auto workflow = engine.define("obey", obey);
    workflow.create({});  // the time of a group is what the file remembers
    engine.sweep();
  };
  open_and_sweep();
  clock->leap(-1h);
  {
    Engine engine{open_file(), options()};
    EXPECT_EQ(refusal([&] { engine.sweep(); }).first, Errc::clock_unconfirmed);
    engine.confirm_clock();
    engine.sweep();
  }
  clock->leap(24h * 300);
  open_and_sweep();
  clock->leap(24h * 400);
  EXPECT_EQ(refusal(open_and_sweep).first, Errc::clock_unconfirmed);
}

TEST_F(RetentionTest, AFileMayRestAsLongAsTheOptionSays) {
  EngineOptions seldom = options();
  const auto open_and_sweep = [&] {
    Engine engine{open_file(), seldom};
    auto workflow = engine.define("obey", obey);
    workflow.create({});
    engine.sweep();
  };
  open_and_sweep();
  seldom.longest_rest = 24h * 1'000;
  clock->leap(24h * 900);
  open_and_sweep();
  seldom.longest_rest = 24h;
  clock->leap(25h);
  EXPECT_EQ(refusal(open_and_sweep).first, Errc::clock_unconfirmed);
}

}  // namespace
}  // namespace cairn::tests
