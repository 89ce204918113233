#include "tests/engine/engine_fixture.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <future>

// Bodies that wait for other instances: what they lend meanwhile, and how a stop ends their wait.
namespace cairn::tests {
namespace {

namespace asio = boost::asio;

class WaitsTest : public EngineTest {
 protected:
  WaitsTest() { waits.open(); }

  [[nodiscard]] EngineOptions narrow(std::size_t workers, std::size_t concurrency) const {
    EngineOptions narrow = options(workers);
    narrow.concurrency = concurrency;
    return narrow;
  }

  // A workflow whose body waits for an instance that sleeps for an hour, and keeps what its wait threw.
  Workflow<void, void> define_waiting(Engine& engine, std::function<void()> wait) {
    const StepOptions once{.retries = {.limit = 0}, .timeout = 10min};
    return engine.define("waiting", [this, once, wait](Context& ctx) -> Task<void> {
      co_await ctx.step("wait", once, [&] {
        waits.pass();
        try {
          wait();
        } catch (const Error& error) {
          thrown = error.code();
          throw;
        }
      });
    });
  }

  Gate waits;
  std::atomic<Errc> thrown = Errc::internal;
};

// ------------------------------------------------------------------------------------------------------
// lending

TEST_F(WaitsTest, ParentsThatHoldEverySlotWaitForChildrenAndGrandchildren) {
  for (const auto& [workers, concurrency] : {std::pair<std::size_t, std::size_t>{1, 1}, {2, 10}}) {
    Engine engine{open_memory(), narrow(workers, concurrency)};
    std::optional<Workflow<int, int>> self;
    self = engine.define("family", [&](Context& ctx, int depth) -> Task<int> {
      int below = co_await ctx.step(
          "below", [&] { return depth == 0 ? 0 : self->create({.params = depth - 1}).wait(); });
      int above = co_await ctx.step("above", [&] { return below + 1; });
      co_return above;
    });
    engine.start();
    std::vector<Instance<int>> parents;
    for (int i = 0; i < 30; ++i) parents.push_back(self->create({.params = 2}));
    for (const Instance<int>& parent : parents) EXPECT_EQ(parent.wait(), 3);
  }
}

TEST_F(WaitsTest, AChildMayHaveALimitOfItsOwn) {
  Engine engine{open_memory(), narrow(1, 5)};
  auto child = engine.define("child", twice, {.adopts = {}, .concurrency = 1});
  auto parent = engine.define("parent", [&](Context& ctx, int n) -> Task<int> {
    int result = co_await ctx.step("call", [&] { return child.create({.params = n}).wait(); });
    co_return result;
  });
  engine.start();
  std::vector<Instance<int>> parents;
  for (int i = 0; i < 20; ++i) parents.push_back(parent.create({.params = i}));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(parents[static_cast<std::size_t>(i)].wait(), 2 * i);
}

TEST_F(WaitsTest, NoMoreBodiesRunAtATimeThanThereAreSlots) {
  Engine engine{open_memory(), narrow(4, 2)};
  std::atomic<int> running = 0;
  std::atomic<bool> crowded = false;
  const auto work = [&] {
    if (++running > 2) crowded = true;
    std::this_thread::yield();
    --running;
  };
  auto child = engine.define("child",
                             [&](Context& ctx) -> Task<void> { co_await ctx.step("work", [&] { work(); }); });
  auto parent = engine.define("parent", [&](Context& ctx) -> Task<void> {
    co_await ctx.step("call", [&] {
      work();
      child.create({}).wait();
      work();
    });
  });
  engine.start();
  std::vector<Instance<void>> parents;
  for (int i = 0; i < 50; ++i) parents.push_back(parent.create({}));
  for (const Instance<void>& instance : parents) instance.wait();
  EXPECT_FALSE(crowded);
}

TEST_F(WaitsTest, AnAwaitableBodyLendsItsInstancesSlot) {
  Engine engine{open_memory(), narrow(1, 1)};
  std::optional<Workflow<int, int>> self;
  self = engine.define("family", [&](Context& ctx, int depth) -> Task<int> {
    int below = co_await ctx.step("below", [&]() -> asio::awaitable<int> {
      if (depth == 0) co_return 0;
      auto child = self->create({.params = depth - 1});
      int result = co_await child.async_wait(asio::use_awaitable);
      co_return result;
    });
    co_return below + 1;
  });
  engine.start();
  std::vector<Instance<int>> parents;
  for (int i = 0; i < 10; ++i) parents.push_back(self->create({.params = 3}));
  for (const Instance<int>& parent : parents) EXPECT_EQ(parent.wait(), 4);
}

TEST_F(WaitsTest, ABodyThatWaitsLetsOtherInstancesRun) {
  Engine engine{open_memory(), narrow(1, 1)};
  auto sleeper = engine.define("nap", nap).create({});
  define_waiting(engine, [sleeper] { sleeper.wait(); }).create({});
  engine.start();
  waits.wait_for(1);
  EXPECT_EQ(engine.define("twice", twice).create({.params = 4}).wait(), 8);
  EXPECT_EQ(engine.metrics().bodies_running, 1U);
}

// ------------------------------------------------------------------------------------------------- being
// asked

TEST_F(WaitsTest, ATimeoutEndsTheWaitOfItsBody) {
  Engine engine{open_memory(), narrow(1, 1)};
  auto sleeper = engine.define("nap", nap).create({});
  auto instance = define_waiting(engine, [sleeper] { sleeper.wait(); }).create({});
  engine.start();
  waits.wait_for(1);
  clock->advance(10min);
  try {
    instance.wait();
    FAIL() << "nothing was thrown";
  } catch (const InstanceError& error) {
    EXPECT_EQ(error.name(), "WorkflowTimeoutError");
  }
  EXPECT_EQ(thrown, Errc::cancelled);
}

TEST_F(WaitsTest, ATerminationEndsTheWaitOfABodyAlsoOfOneWithALimit) {
  for (const bool limited : {false, true}) {
    thrown = Errc::internal;
    Engine engine{open_memory(), narrow(1, 1)};
    auto sleeper = engine.define("nap", nap).create({});
    auto instance = define_waiting(engine, [=] {
                      limited ? sleeper.wait_for(24h) : sleeper.wait();
                    }).create({});
    engine.start();
    while (engine.metrics().bodies_running == 0) std::this_thread::yield();
    instance.terminate();
    EXPECT_TRUE(engine.stop(1min));
    EXPECT_EQ(thrown, Errc::cancelled);
  }
}

TEST_F(WaitsTest, ARestartNeedsNotWaitForTheWaitOfTheOldBody) {
  Engine engine{open_memory(), narrow(1, 1)};
  auto sleeper = engine.define("nap", nap).create({});
  std::atomic<int> runs = 0;
  auto instance = define_waiting(engine, [&] {
                    if (++runs == 1) sleeper.wait();
                  }).create({});
  engine.start();
  while (runs == 0) std::this_thread::yield();
  instance.restart();
  instance.wait();
  EXPECT_EQ(thrown, Errc::cancelled);
  EXPECT_EQ(runs, 2);
}

TEST_F(WaitsTest, AStopEndsTheWaitsOfItsBodies) {
  Engine engine{open_memory(), narrow(1, 1)};
  auto sleeper = engine.define("nap", nap).create({});
  std::atomic<int> others = 0;
  define_waiting(engine, [&] {
    try {
      for (;;) {
        try {
          sleeper.wait_for(1ms);
        } catch (const Error& error) {
          if (error.code() != Errc::timed_out) throw;
        }
      }
    } catch (const Error& error) {
      if (error.code() != Errc::cancelled) ++others;
      throw;
    }
  }).create({});
  engine.start();
  waits.wait_for(1);
  EXPECT_TRUE(engine.stop(1min));
  EXPECT_EQ(thrown, Errc::cancelled);
  EXPECT_EQ(others, 0);
}

TEST_F(WaitsTest, AWaitThatBeginsAfterTheStopIsCancelledAsWell) {
  Engine engine{open_memory(), narrow(1, 1)};
  auto sleeper = engine.define("nap", nap).create({});
  Gate terminated;
  auto instance = define_waiting(engine, [&] {
                    terminated.pass();
                    sleeper.wait();
                  }).create({});
  engine.start();
  waits.wait_for(1);
  instance.terminate();
  terminated.open();
  EXPECT_TRUE(engine.stop(1min));
  EXPECT_EQ(thrown, Errc::cancelled);
}

// The other engine knows nothing of the body, and its own nothing of the wait.
TEST_F(WaitsTest, AStopEndsTheWaitForAnInstanceOfAnotherEngine) {
  Engine other{open_memory(), options()};
  auto sleeper = other.define("nap", nap).create({});
  other.start();
  Engine engine{open_memory(), narrow(1, 1)};
  define_waiting(engine, [sleeper] { sleeper.wait(); }).create({});
  engine.start();
  waits.wait_for(1);
  EXPECT_EQ(engine.define("twice", twice).create({.params = 4}).wait(), 8) << "it has lent everything";
  EXPECT_TRUE(engine.stop(1min));
  EXPECT_EQ(thrown, Errc::cancelled);
}

TEST_F(WaitsTest, ACallThatWaitsForItsOwnCommitGivesItsOutcome) {
  Engine engine{open_memory(), narrow(1, 1)};
  auto naps = engine.define("nap", nap);
  Gate terminated;
  auto instance = define_waiting(engine, [&] {
                    terminated.pass();
                    naps.create({.id = "made"}).send_event("type", 1);
                  }).create({});
  engine.start();
  waits.wait_for(1);
  instance.terminate();
  terminated.open();
  while (engine.metrics().bodies_running > 0) std::this_thread::yield();
  EXPECT_EQ(naps.get("made").describe().buffered_events, 1U);
  EXPECT_EQ(thrown, Errc::internal) << "nothing was thrown";
}

TEST_F(WaitsTest, AnAwaitableBodysWaitIsCancelledWithIt) {
  Engine engine{open_memory(), narrow(1, 1)};
  auto sleeper = engine.define("nap", nap).create({});
  const StepOptions once{.retries = {.limit = 0}, .timeout = 10min};
  auto workflow = engine.define("awaits", [&, once](Context& ctx) -> Task<void> {
    co_await ctx.step("await", once, [&]() -> asio::awaitable<void> {
      waits.pass();
      try {
        co_await sleeper.async_wait(asio::use_awaitable);
      } catch (const boost::system::system_error& error) {
        if (error.code() == asio::error::operation_aborted) thrown = Errc::cancelled;
        throw;
      }
    });
  });
  auto timed_out = workflow.create({});
  engine.start();
  waits.wait_for(1);
  while (sleeper.status() != Status::waiting) std::this_thread::yield();  // it had the slot
  clock->advance(10min);
  EXPECT_THROW(timed_out.wait(), InstanceError);
  EXPECT_EQ(thrown, Errc::cancelled);

  thrown = Errc::internal;
  workflow.create({});
  waits.wait_for(2);
  EXPECT_TRUE(engine.stop(1min));
  EXPECT_EQ(thrown, Errc::cancelled);
}

}  // namespace
}  // namespace cairn::tests
