#include "tests/engine/engine_fixture.hpp"
#include "tests/engine/watched_store.hpp"

#include <boost/asio/use_future.hpp>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

// Starting, stopping and ending engines, and what is left of them.
namespace cairn::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class LifeCycleTest : public EngineTest {
 protected:
  // A workflow with one step, whose body stops at the gate.
  Workflow<void, void> define_gated(Engine& engine, Gate& gate) {
    return engine.define("gated", [&gate](Context& ctx) -> Task<void> {
      co_await ctx.step("work", [&gate] { gate.pass(); });
    });
  }
};

TEST_F(LifeCycleTest, StopIsTrueWhenNothingRuns) {
  Engine engine{open_memory(), options()};
  engine.define("nap", nap).create({});
  EXPECT_TRUE(engine.stop(0ms)) << "before the start";

  Engine started{open_memory(), options()};
  auto sleeper = started.define("nap", nap).create({});
  started.start();
  EXPECT_TRUE(started.stop(10s));
  EXPECT_TRUE(started.stop(0ms)) << "again";
}

TEST_F(LifeCycleTest, StopNamesTheBodiesThatDidNotReturn) {
  Engine engine{open_memory(), options()};
  Gate gate;
  define_gated(engine, gate).create({.id = "a"});
  engine.start();
  gate.wait_for(1);
  EXPECT_FALSE(engine.stop(1ms));
  EXPECT_THAT(log->wait_for("bodies still run"), HasSubstr(R"(step "work-1" of "a" of workflow "gated")"));
  gate.open();
  EXPECT_TRUE(engine.stop(1min));
}

TEST_F(LifeCycleTest, TheDestructorWarnsOnlyOfBodiesThatItCanName) {
  Gate gate;
  {
    Engine idle{open_file(), options()};
    auto instance = idle.define("twice", twice).create({.params = 1});
    idle.start();
    instance.wait();
  }
  EXPECT_EQ(log->count("still run"), 0U);
  std::optional<Engine> busy{std::in_place, open_memory(), options()};
  define_gated(*busy, gate).create({.id = "a"});
  busy->start();
  gate.wait_for(1);
  std::thread opener{[&] {
    log->wait_for("still run");
    gate.open();
  }};
  busy.reset();
  opener.join();
  EXPECT_EQ(log->count("still run"), 1U);
  EXPECT_EQ(log->count(R"(bodies still run: step "work-1" of "a" of workflow "gated")"), 1U);
}

TEST_F(LifeCycleTest, AnyDeadlineIsTaken) {
  Engine engine{open_memory(), options()};
  Gate gate;
  define_gated(engine, gate).create({});
  engine.start();
  gate.wait_for(1);
  EXPECT_FALSE(engine.stop(-1ms));
  EXPECT_FALSE(engine.stop(Duration::min()));
  gate.open();
  EXPECT_TRUE(engine.stop(Duration::max()));
}

TEST_F(LifeCycleTest, StopAsksBodiesToStopAndKeepsTheirResults) {
  int runs = 0;
  Gate entered;
  entered.open();
  const auto patient = [&](Context& ctx) -> Task<int> {
    int result = co_await ctx.step("patient", [&](StepContext& step) {
      Gate asked;
      const std::stop_callback on_stop{step.stop_token(), [&] { asked.open(); }};
      entered.pass();
      asked.pass();
      return ++runs;
    });
    co_return result;
  };
  {
    Engine engine{open_file(), options()};
    engine.define("patient", patient).create({.id = "a"});
    engine.start();
    entered.wait_for(1);
    EXPECT_TRUE(engine.stop(1min));
  }
  Engine engine{open_file(), options()};
  engine.start();
  EXPECT_EQ(engine.define("patient", patient).get("a").wait(), 1);
  EXPECT_EQ(runs, 1);
}

TEST_F(LifeCycleTest, AStopIsNoFailureOfTheBodiesThatItCutsShort) {
  Gate entered;
  entered.open();
  std::atomic<bool> stops = true;
  const StepOptions once{.retries = {.limit = 0}};
  const auto obedient = [&](Context& ctx) -> Task<int> {
    int attempt = co_await ctx.step("obedient", once, [&](StepContext& step) {
      if (!stops) return step.attempt();
      Gate asked;
      const std::stop_callback on_stop{step.stop_token(), [&] { asked.open(); }};
      entered.pass();
      asked.pass();
      throw std::runtime_error{"asked to stop"};
    });
    co_return attempt;
  };
  {
    Engine engine{open_file(), options()};
    engine.define("obedient", obedient).create({.id = "a"});
    engine.start();
    entered.wait_for(1);
    EXPECT_TRUE(engine.stop(1min));
  }
  stops = false;
  Engine engine{open_file(), options()};
  auto instance = engine.define("obedient", obedient).get("a");
  engine.start();
  EXPECT_EQ(instance.wait(), 2);
  const std::vector<Attempt> attempts = instance.describe().steps.at(0).attempts;
  ASSERT_THAT(attempts, SizeIs(2));
  EXPECT_TRUE(attempts[0].interrupted);
}

TEST_F(LifeCycleTest, TheDestructorWaitsForBodies) {
  Gate gate;
  std::atomic<bool> returned = false;
  auto engine = std::make_unique<Engine>(open_memory(), options());
  auto workflow = engine->define("slow", [&](Context& ctx) -> Task<void> {
    co_await ctx.step("work", [&] {
      gate.pass();
      returned = true;
    });
  });
  workflow.create({});
  engine->start();
  gate.wait_for(1);
  Crowd destroying{1, [&](std::size_t) { engine.reset(); }};
  destroying.wait_until_asleep();
  EXPECT_FALSE(returned);
  gate.open();
  destroying.join();
  EXPECT_TRUE(returned);
}

// A lock that readers share is never free while they come again and again.
TEST_F(LifeCycleTest, TheDestructorReturnsThoughReadersNeverPause) {
  auto engine = std::make_unique<Engine>(open_memory(), options());
  auto instance = engine->define("nap", nap).create({});
  engine->start();
  std::atomic<int> reading = 0;
  Crowd readers{8, [&](std::size_t) {
                  for (bool counted = false;; counted = true) {
                    try {
                      static_cast<void>(instance.describe());
                    } catch (const Error& error) {
                      EXPECT_EQ(error.code(), Errc::engine_stopped);
                      return;
                    }
                    if (!counted) ++reading;
                  }
                }};
  while (reading < 8) std::this_thread::yield();
  engine.reset();
  readers.join();
}

// A handle may be what a body holds last: the loop's own thread must not be the one to end that thread.
TEST_F(LifeCycleTest, NoThreadOutlivesTheEngineEvenWhenHandlesDo) {
  const std::size_t before = count_threads();
  std::optional<Instance<void>> instance;
  {
    Engine engine{open_memory(), options()};
    auto workflow = engine.define("awaits", [](Context& ctx) -> Task<void> {
      co_await ctx.step("await", []() -> boost::asio::awaitable<void> { co_return; });
    });
    engine.start();
    instance = workflow.create({});
    instance->wait();
  }
  EXPECT_EQ(count_threads(), before);
}

TEST_F(LifeCycleTest, AfterStopOnlyReadingWorks) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("nap", nap);
  auto instance = workflow.create({.id = "a"});
  engine.stop(0ms);
  const std::vector<std::function<void()>> calls{
      [&] { workflow.create({}); },
      [&] { workflow.create_batch({{}}); },
      [&] { instance.send_event("type", {}); },
      [&] { instance.pause(); },
      [&] { instance.resume(); },
      [&] { instance.terminate(); },
      [&] { instance.restart(); },
      [&] { instance.wait(); },
      [&] { instance.wait_for(1ms); },
      [&] { engine.define("twice", twice); },
      [&] { engine.start(); },
      [&] { engine.sweep(); },
  };
  for (std::size_t i = 0; i < calls.size(); ++i) {
    EXPECT_EQ(refusal(calls[i]).first, Errc::engine_stopped) << "call " << i;
  }
  EXPECT_EQ(instance.status(), Status::queued);
  EXPECT_EQ(instance.describe().id, "a");
  EXPECT_TRUE(workflow.find("a"));
  EXPECT_THAT(workflow.list().instances, SizeIs(1));
}

TEST_F(LifeCycleTest, AnEndThatIsRecordedIsToldAfterStopAsWell) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("twice", twice);
  auto ended = workflow.create({.params = 4});
  auto terminated = workflow.create({.params = 5});
  terminated.terminate();
  engine.start();
  ended.wait();
  engine.stop(1min);
  EXPECT_EQ(ended.wait(), 8);
  EXPECT_EQ(ended.wait_for(1ms), 8);
  EXPECT_EQ(ended.async_wait(boost::asio::use_future).get(), 8);
  EXPECT_THROW(terminated.wait(), InstanceError);
  EXPECT_THROW(terminated.async_wait(boost::asio::use_future).get(), InstanceError);
}

// Both wait for the same turn, in which the engine learns that it stops.
TEST_F(LifeCycleTest, AnEndThatIsRecordedIsToldToWhoeverBeganToWaitJustBeforeStop) {
  auto watch = std::make_shared<StoreWatch>();
  Engine engine{std::make_unique<WatchedStore>(open_memory(), watch), options()};
  auto workflow = engine.define("twice", twice);
  auto ended = workflow.create({.params = 4});
  engine.start();
  ended.wait();
  watch->hold();
  Crowd creator{1, [&](std::size_t) { workflow.create({.id = "other", .params = 5}); }};
  watch->wait_until_held();
  std::future<int> told = ended.async_wait(boost::asio::use_future);
  EXPECT_FALSE(engine.stop(0ms));
  watch->release();
  EXPECT_EQ(told.get(), 8);
  EXPECT_TRUE(engine.stop(1min));
}

TEST_F(LifeCycleTest, HandlesOutliveTheEngine) {
  std::optional<Workflow<void, void>> workflow;
  std::optional<Instance<void>> instance;
  {
    Engine engine{open_memory(), options()};
    workflow = engine.define("nap", nap);
    instance = workflow->create({.id = "a"});
    engine.start();
  }
  const std::vector<std::function<void()>> calls{
      [&] { workflow->create({}); },
      [&] { static_cast<void>(workflow->find("a")); },
      [&] { static_cast<void>(workflow->list()); },
      [&] { static_cast<void>(instance->status()); },
      [&] { static_cast<void>(instance->describe()); },
      [&] { instance->wait(); },
      [&] { instance->terminate(); },
  };
  for (std::size_t i = 0; i < calls.size(); ++i) {
    EXPECT_EQ(refusal(calls[i]).first, Errc::engine_stopped) << "call " << i;
  }
  EXPECT_EQ(workflow->name(), "nap");
  EXPECT_EQ(instance->id(), "a");
}

TEST_F(LifeCycleTest, AWorkflowThatHoldsAHandleOfAnotherIsFreedAllTheSame) {
  const auto held = std::make_shared<int>(1);
  {
    Engine engine{open_memory(), options()};
    auto child = engine.define("twice", twice);
    engine.define("parent", [child, held](Context& /*ctx*/) -> Task<void> { co_return; });
    engine.start();
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(LifeCycleTest, StartingTwiceIsStartingOnce) {
  Engine engine{open_memory(), options()};
  std::atomic<int> runs = 0;
  auto workflow = engine.define(
      "count", [&](Context& ctx) -> Task<void> { co_await ctx.step("count", [&] { ++runs; }); });
  engine.start();
  const std::size_t threads = count_threads();
  engine.start();
  EXPECT_EQ(count_threads(), threads);
  workflow.create({}).wait();
  EXPECT_EQ(runs, 1);
}

TEST_F(LifeCycleTest, ThreadsBeginWithStartAndEndWithTheEngine) {
  const std::size_t before = count_threads();
  {
    Engine engine{open_file(), options(3)};
    auto workflow = engine.define("nap", nap);
    workflow.create({}).terminate();
    engine.sweep();
    EXPECT_EQ(count_threads(), before);
    engine.start();
    // The pool, the time, and those that write the log and ask bodies to stop; nothing is swept.
    EXPECT_EQ(count_threads(), before + 6);
    // here
  }
  EXPECT_EQ(count_threads(), before);
}

TEST_F(LifeCycleTest, EnginesLiveSideBySideAndCallEachOther) {
  Engine shop{open_memory(), options(1)};
  Engine bank{open_file(), options(1)};
  auto payments = bank.define("payments", twice);
  auto orders = shop.define("orders", [&](Context& ctx, int n) -> Task<int> {
    int paid = co_await ctx.step("pay", [&] { return payments.create({.params = n}).wait(); });
    co_return paid + 1;
  });
  bank.start();
  shop.start();
  EXPECT_EQ(orders.create({.params = 20}).wait(), 41);
}

// Each call either threw, or what it did is there.
TEST_F(LifeCycleTest, WhatWasCreatedWhileTheEngineStoppedIsThere) {
  std::vector<std::vector<std::string>> created(8);
  {
    Engine engine{open_file(), options()};
    auto workflow = engine.define("twice", twice);
    engine.start();
    Gate some_are_there;
    some_are_there.open();
    Crowd creating{created.size(), [&](std::size_t number) {
                     try {
                       for (;;) {
                         created[number].push_back(workflow.create({.params = 1}).id());
                         if (created[number].size() == 3) some_are_there.pass();
                       }
                     } catch (const Error& error) {
                       EXPECT_EQ(error.code(), Errc::engine_stopped) << error.what();
                     }
                   }};
    some_are_there.wait_for(created.size());
    engine.stop(1min);
    creating.join();
  }
  Engine engine{open_file(), options()};
  auto workflow = engine.define("twice", twice);
  engine.start();
  std::size_t total = 0;
  for (const std::vector<std::string>& ids : created) {
    total += ids.size();
    for (const std::string& id : ids) ASSERT_EQ(workflow.get(id).wait(), 2);
  }
  std::size_t listed = 0;
  for (ListFilter filter{.limit = 1'000};;) {
    const Page page = workflow.list(filter);
    listed += page.instances.size();
    if (page.cursor.empty()) break;
    filter.cursor = page.cursor;
  }
  EXPECT_EQ(listed, total);
}

}  // namespace
}  // namespace cairn::tests
