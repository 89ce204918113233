#include "tests/engine/engine_fixture.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <stop_token>

// Bodies that wait for a worker, and what becomes of them when nobody wants them any more.
namespace cairn::tests {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class BodiesTest : public EngineTest {
 protected:
  BodiesTest() { occupied.open(); }

  // A workflow whose body keeps the only worker until the gate opens.
  Workflow<void, void> define_occupier(Engine& engine) {
    return engine.define("occupier", [this](Context& ctx) -> Task<void> {
      co_await ctx.step("occupy", [this] {
        occupied.pass();
        free.pass();
      });
    });
  }

  // A workflow whose body counts that it has begun.
  Workflow<void, int> define_counter(Engine& engine, StepOptions options = {}) {
    return engine.define("counter", [this, options](Context& ctx) -> Task<int> {
      int result = co_await ctx.step("count", options, [this] { return ++begun; });
      co_return result;
    });
  }

  Gate occupied;
  Gate free;
  std::atomic<int> begun = 0;
};

TEST_F(BodiesTest, WaitForAWorkerWithoutTimingOut) {
  Engine engine{open_memory(), options(1)};
  auto occupier = define_occupier(engine).create({});
  auto counters = define_counter(engine, {.retries = {.limit = 0}, .timeout = 500ms});
  engine.start();
  occupied.wait_for(1);
  std::vector<NewInstance<void>> batch(100);
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i].id = std::to_string(i);
  counters.create_batch(batch);
  for (int i = 0; i < 10; ++i) clock->advance(200ms);
  free.open();
  for (const NewInstance<void>& instance : batch) EXPECT_NO_THROW(counters.get(instance.id).wait());
  EXPECT_EQ(begun, 100);
}

TEST_F(BodiesTest, ThatWaitForAWorkerAreVisibleAsSuch) {
  Engine engine{open_memory(), options(1)};
  define_occupier(engine).create({.id = "first"});
  auto counters = define_counter(engine);
  engine.start();
  occupied.wait_for(1);
  EXPECT_EQ(engine.metrics().bodies_running, 1U);
  EXPECT_EQ(engine.metrics().bodies_waiting, 0U);
  std::vector<Instance<int>> instances;
  for (int i = 0; i < 100; ++i) instances.push_back(counters.create({}));
  while (engine.metrics().bodies_waiting != 100) std::this_thread::yield();
  EXPECT_EQ(engine.metrics().bodies_running, 1U);
  for (const Instance<int>& instance : {instances.front(), instances.back()}) {
    const InstanceDetail detail = instance.describe();
    ASSERT_THAT(detail.steps, SizeIs(1));
    EXPECT_TRUE(detail.steps[0].waits_for_worker);
    EXPECT_THAT(detail.steps[0].attempts, IsEmpty()) << "none has begun";
    EXPECT_EQ(detail.status, Status::running);
  }
  const StepDetail running = engine.workflow("occupier").get("first").describe().steps.at(0);
  EXPECT_FALSE(running.waits_for_worker);
  EXPECT_THAT(running.attempts, SizeIs(1));
  free.open();
  for (const Instance<int>& instance : instances) instance.wait();
  EXPECT_FALSE(instances.back().describe().steps[0].waits_for_worker);
  EXPECT_THAT(instances.back().describe().steps[0].attempts, SizeIs(1));
}

TEST_F(BodiesTest, AreRecordedWithTheTimeAtWhichTheyBegan) {
  Engine engine{open_memory(), options(1)};
  define_occupier(engine).create({});
  auto counters = define_counter(engine);
  engine.start();
  occupied.wait_for(1);
  auto instance = counters.create({});
  const Time created = clock->now();
  clock->advance(3s);
  free.open();
  instance.wait();
  const StepDetail step = instance.describe().steps.at(0);
  EXPECT_EQ(step.started, created);
  EXPECT_EQ(step.attempts.at(0).started, created + 3s);
}

// Both of those that the pool has already and of those that wait for a place there.
TEST_F(BodiesTest, DoNotBeginOnceATerminationIsAcknowledged) {
  Engine engine{open_memory(), options(1)};
  define_occupier(engine).create({});
  auto counters = define_counter(engine);
  engine.start();
  occupied.wait_for(1);
  std::vector<Instance<int>> instances;
  for (int i = 0; i < 100; ++i) instances.push_back(counters.create({}));
  for (const Instance<int>& instance : instances) instance.terminate();
  while (engine.metrics().bodies_waiting != 0) std::this_thread::yield();
  free.open();
  EXPECT_TRUE(engine.stop(1min));
  EXPECT_EQ(begun, 0);
}

TEST_F(BodiesTest, DoNotBeginOnceAPauseIsAcknowledgedAndBeginAfterTheResumption) {
  Engine engine{open_memory(), options(1)};
  define_occupier(engine).create({});
  auto counters = define_counter(engine);
  engine.start();
  occupied.wait_for(1);
  std::vector<Instance<int>> instances;
  for (int i = 0; i < 100; ++i) instances.push_back(counters.create({}));
  for (const Instance<int>& instance : instances) instance.pause();
  free.open();
  EXPECT_EQ(engine.define("later", twice).create({.params = 4}).wait(), 8) << "the worker is free";
  EXPECT_EQ(begun, 0);
  for (const Instance<int>& instance : instances) {
    while (instance.status() != Status::paused) std::this_thread::yield();
    instance.resume();
  }
  for (const Instance<int>& instance : instances) instance.wait();
  EXPECT_EQ(begun, 100);
}

TEST_F(BodiesTest, ThatHaveNotBegunDoNotKeepARestart) {
  Engine engine{open_memory(), options(1)};
  define_occupier(engine).create({});
  auto counters = define_counter(engine);
  engine.start();
  occupied.wait_for(1);
  auto instance = counters.create({});
  instance.restart();
  free.open();
  EXPECT_EQ(instance.wait(), 1);
  EXPECT_EQ(begun, 1);
  EXPECT_EQ(instance.describe().run, 2);
}

TEST_F(BodiesTest, ThatHaveNotBegunAreLeftToTheNextLifeByAStop) {
  {
    Engine engine{open_file(), options(1)};
    define_occupier(engine).create({.id = "first"});
    auto counters = define_counter(engine);
    engine.start();
    occupied.wait_for(1);
    for (int i = 0; i < 100; ++i) counters.create({.id = std::to_string(i)});
    EXPECT_FALSE(engine.stop(0ms)) << "one runs";
    free.open();
    EXPECT_TRUE(engine.stop(1min));
    EXPECT_EQ(begun, 0);
  }
  Engine engine{open_file(), options(1)};
  define_occupier(engine);
  auto counters = define_counter(engine);
  engine.start();
  for (int i = 0; i < 100; ++i) {
    auto instance = counters.get(std::to_string(i));
    instance.wait();
    EXPECT_THAT(instance.describe().steps.at(0).attempts, SizeIs(1)) << "no crash is counted";
  }
  EXPECT_EQ(begun, 100);
}

TEST_F(BodiesTest, ThatHaveNotBegunDoNotBeginInTheDestructor) {
  {
    Engine engine{open_memory(), options(1)};
    auto obedient = engine.define("obedient", [this](Context& ctx) -> Task<void> {
      co_await ctx.step("until it is asked", [this](StepContext& step) {
        const std::stop_callback asked{step.stop_token(), [this] { free.open(); }};
        occupied.pass();
        free.pass();
      });
    });
    obedient.create({});
    auto counters = define_counter(engine);
    engine.start();
    occupied.wait_for(1);
    std::vector<NewInstance<void>> batch(1'000);
    counters.create_batch(batch);
  }
  EXPECT_EQ(begun, 0);
}

TEST_F(BodiesTest, ThatAwaitNeedNoWorker) {
  Engine engine{open_memory(), options(1)};
  define_occupier(engine).create({});
  auto workflow = engine.define("awaits", [](Context& ctx) -> Task<int> {
    int result = co_await ctx.step("await", []() -> boost::asio::awaitable<int> { co_return 1; });
    co_return result;
  });
  engine.start();
  occupied.wait_for(1);
  EXPECT_EQ(workflow.create({}).wait(), 1);
  free.open();
}

TEST_F(BodiesTest, ThatAwaitAreBoundedAsInstancesAre) {
  EngineOptions narrow = options(1);
  narrow.concurrency = 3;
  Engine engine{open_memory(), narrow};
  // All on one thread.
  int running = 0;
  int most = 0;
  auto workflow = engine.define("wide", [&](Context& ctx) -> Task<void> {
    std::vector<int> numbers(50);
    co_await ctx.map("n", numbers, [&](int) -> boost::asio::awaitable<void> {
      most = std::max(most, ++running);
      for (int i = 0; i < 10; ++i) co_await boost::asio::post(boost::asio::use_awaitable);
      --running;
    });
  });
  engine.start();
  workflow.create({}).wait();
  EXPECT_EQ(most, 3);
}

}  // namespace
}  // namespace cairn::tests
