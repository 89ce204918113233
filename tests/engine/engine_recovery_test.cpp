#include "tests/engine/engine_fixture.hpp"

#include <atomic>
#include <map>
#include <mutex>

// What an engine finds in its file goes on where it stood.
namespace cairn::tests {
namespace {

using ::testing::Each;
using ::testing::Pair;
using ::testing::SizeIs;

// Counts how often each body ran.
class Tally {
 public:
  int run(const std::string& body) {
    const std::lock_guard lock{mutex_};
    return ++runs_[body];
  }
  std::map<std::string, int> runs() {
    const std::lock_guard lock{mutex_};
    return runs_;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, int> runs_;
};

class RecoveryTest : public EngineTest {
 protected:
  // Two steps with a sleep between them.
  Workflow<int, int> define_journey(Engine& engine) {
    return engine.define("journey", [this](Context& ctx, int n) -> Task<int> {
      int first = co_await ctx.step("first", [&] {
        tally.run(ctx.instance_id() + " first");
        return n + 1;
      });
      co_await ctx.sleep("rest", 1h);
      int second = co_await ctx.step("second", [&] {
        tally.run(ctx.instance_id() + " second");
        return first * 10;
      });
      co_return second;
    });
  }

  Tally tally;
};

TEST_F(RecoveryTest, UnfinishedInstancesGoOnAndNoRecordedBodyRunsAgain) {
  constexpr int instances = 40;
  {
    Engine engine{open_file(), options()};
    auto journeys = define_journey(engine);
    engine.start();
    for (int n = 0; n < instances; ++n) {
      auto instance = journeys.create({.id = "i" + std::to_string(n), .params = n});
      while (n % 2 == 0 && instance.status() != Status::waiting) std::this_thread::yield();
    }
    EXPECT_TRUE(engine.stop(1min));
  }
  Engine engine{open_file(), options()};
  auto journeys = define_journey(engine);
  engine.start();
  // Those that had not come to their sleep before the stop come to it now.
  for (int n = 0; n < instances; ++n) {
    auto instance = journeys.get("i" + std::to_string(n));
    while (instance.status() != Status::waiting) std::this_thread::yield();
  }
  clock->advance(90min);
  for (int n = 0; n < instances; ++n) {
    EXPECT_EQ(journeys.get("i" + std::to_string(n)).wait(), (n + 1) * 10);
  }
  EXPECT_THAT(tally.runs(), SizeIs(2 * instances));
  EXPECT_THAT(tally.runs(), Each(Pair(::testing::_, 1)));
}

TEST_F(RecoveryTest, ABodyThatRunsWhenTheEngineEndsIsRecordedAndNotRunAgain) {
  Gate gate;
  const auto gated = [&](Context& ctx) -> Task<int> {
    int run = co_await ctx.step("work", [&] {
      gate.pass();
      return tally.run("work");
    });
    co_return run;
  };
  {
    auto engine = std::make_unique<Engine>(open_file(), options());
    engine->define("gated", gated).create({.id = "a"});
    engine->start();
    gate.wait_for(1);
    Crowd destroying{1, [&](std::size_t) { engine.reset(); }};
    destroying.wait_until_asleep();
    gate.open();
  }
  Engine engine{open_file(), options()};
  auto instance = engine.define("gated", gated).get("a");
  engine.start();
  EXPECT_EQ(instance.wait(), 1);
  EXPECT_EQ(tally.runs().at("work"), 1);
}

TEST_F(RecoveryTest, ThousandsOfSleepersWakeWhenTheirTimeComes) {
  constexpr int instances = 3'000;
  EngineOptions small = options();
  small.resident = 10;
  small.evict_after = 0ms;
  const auto nap = [](Context& ctx, int minutes) -> Task<int> {
    co_await ctx.sleep("nap", std::chrono::minutes{minutes});
    co_return minutes;
  };
  std::vector<NewInstance<int>> batch;
  for (int n = 0; n < instances; ++n) batch.push_back({.id = "i" + std::to_string(n), .params = 1 + n % 60});
  {
    Engine engine{open_file(), small};
    auto naps = engine.define("nap", nap);
    engine.start();
    naps.create_batch(batch);
  }
  Engine engine{open_file(), small};
  auto naps = engine.define("nap", nap);
  engine.start();
  // Those that were still queued begin their sleep now.
  for (const NewInstance<int>& one : batch) {
    auto instance = naps.get(one.id);
    while (instance.status() != Status::waiting) std::this_thread::yield();
  }
  clock->advance(30min);
  for (const NewInstance<int>& one : batch) {
    if (one.params > 30) continue;
    ASSERT_EQ(naps.get(one.id).wait(), one.params);
  }
  EXPECT_THAT(naps.list({.status = Status::complete, .limit = 1'000}).instances, SizeIs(1'000));
  EXPECT_EQ(naps.get("i59").status(), Status::waiting);
  clock->advance(30min);
  for (const NewInstance<int>& one : batch) ASSERT_EQ(naps.get(one.id).wait(), one.params);
}

TEST_F(RecoveryTest, WhatHappenedBetweenTwoStartsCounts) {
  const auto wait = [](Context& ctx) -> Task<std::string> {
    Event event = co_await ctx.wait_for_event("word", {.type = "word", .timeout = 24h});
    std::string word = event.payload;
    co_return word;
  };
  {
    Engine engine{open_file(), options()};
    auto waits = engine.define("wait", wait);
    engine.start();
    for (const char* id : {"told", "paused", "ended"}) waits.create({.id = id});
  }
  {
    Engine engine{open_file(), options()};  // never started
    auto waits = engine.define("wait", wait);
    waits.get("told").send_event("word", "hello");
    waits.get("paused").pause();
    waits.get("ended").terminate();
  }
  Engine engine{open_file(), options()};
  auto waits = engine.define("wait", wait);
  engine.start();
  EXPECT_EQ(waits.get("told").wait(), "hello");
  EXPECT_EQ(waits.get("ended").status(), Status::terminated);
  auto paused = waits.get("paused");
  EXPECT_EQ(paused.status(), Status::paused);
  paused.send_event("word", "later");
  EXPECT_EQ(paused.status(), Status::paused);
  paused.resume();
  EXPECT_EQ(paused.wait(), "later");
}

TEST_F(RecoveryTest, TheSameRunGivesTheSameIdempotencyKey) {
  std::vector<std::string> keys;
  const StepOptions patient{.retries = {.limit = 1, .delay = 1h, .backoff = Backoff::constant}};
  const auto pays = [&](Context& ctx) -> Task<void> {
    co_await ctx.step("pay", patient, [&](StepContext& step) {
      keys.push_back(step.idempotency_key());
      if (step.attempt() == 1) throw std::runtime_error{"later"};
    });
  };
  {
    Engine engine{open_file(), options()};
    auto instance = engine.define("pays", pays).create({.id = "a"});
    engine.start();
    while (instance.describe().steps.empty() || !instance.describe().steps[0].due) std::this_thread::yield();
  }
  Engine engine{open_file(), options()};
  auto instance = engine.define("pays", pays).get("a");
  engine.start();
  clock->advance(2h);
  instance.wait();
  ASSERT_THAT(keys, SizeIs(2));
  EXPECT_EQ(keys[0], keys[1]);
}

}  // namespace
}  // namespace cairn::tests
