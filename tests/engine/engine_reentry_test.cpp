#include "engine/conductor/conductor.hpp"
#include "engine/threads/runner.hpp"
#include "tests/engine/engine_fixture.hpp"
#include "tests/engine/untidy_store.hpp"
#include "tests/engine/watched_store.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

// Code of the host that the engine calls may call the engine, and may wait for those who do.
namespace cairn::tests {
namespace {

using ::testing::SizeIs;

class ReentryTest : public EngineTest {
 protected:
  // A workflow whose body returns when it is asked to, and before that calls `on_stop`.
  Workflow<void, void> define_obedient(Engine& engine, std::function<void()> on_stop) {
    return engine.define("obedient", [this, on_stop](Context& ctx) -> Task<void> {
      co_await ctx.step("work", [&](StepContext& step) {
        Gate asked;
        const std::stop_callback callback{step.stop_token(), [&] {
                                            on_stop();
                                            asked.open();
                                          }};
        entered.open();
        entered.pass();
        asked.pass();
      });
    });
  }

  Gate entered;
};

TEST_F(ReentryTest, ABodyMayBlockUntilAStepOfAnInstanceThatItCreatesHasRun) {
  EngineOptions two_threads = options();
  two_threads.workers = 2;
  Engine engine{open_memory(), two_threads};
  Gate child_ran;
  auto child = engine.define(
      "child", [&](Context& ctx) -> Task<void> { co_await ctx.step("run", [&] { child_ran.open(); }); });
  auto parent = engine.define("parent", [&](Context& ctx) -> Task<void> {
    co_await ctx.step("create", [&] {
      child.create({});
      child_ran.pass();
    });
  });
  engine.start();
  parent.create({}).wait();
}

TEST_F(ReentryTest, ALogSinkMayCallTheEngine) {
  auto watch = std::make_shared<StoreWatch>();
  EngineOptions alarming = options();
  std::optional<Workflow<void, void>> alerts;
  alarming.log = [&](LogLevel, std::string_view line) {
    if (line.find("the store failed") == std::string_view::npos || !alerts) return;
    watch->trouble(StoreWatch::Trouble::none);
    alerts->create({.id = "alert"});
  };
  Engine engine{std::make_unique<WatchedStore>(open_memory(), watch), alarming};
  alerts = engine.define("nap", nap);
  engine.start();
  watch->trouble(StoreWatch::Trouble::refuses);
  EXPECT_EQ(refusal([&] { alerts->create({.id = "a"}); }).first, Errc::store_failed);
  EXPECT_THAT(alerts->list().instances, SizeIs(1));
  EXPECT_TRUE(alerts->find("alert"));
}

// House-keeping is done by whoever leads; a sink that creates waits for a turn, and so for another leader.
TEST_F(ReentryTest, ALogSinkMayCallTheEngineWhenHouseKeepingHasFailed) {
  std::atomic<int> failures = 0;
  EngineOptions alarming = options();
  std::optional<Workflow<void, void>> alerts;
  alarming.log = [&](LogLevel, std::string_view line) {
    if (line.find("house-keeping failed") != std::string_view::npos) alerts->create({.id = "alert"});
  };
  Engine engine{std::make_unique<UntidyStore>(open_memory(), failures), alarming};
  alerts = engine.define("nap", nap);
  engine.start();
  failures = 1;
  alerts->create({.id = "a"});
  alerts->create({.id = "b"});
  while (!alerts->find("alert")) std::this_thread::yield();
}

TEST_F(ReentryTest, ALogSinkMayDefineWhileAnotherDefinitionFails) {
  auto watch = std::make_shared<StoreWatch>();
  EngineOptions defining = options();
  Engine* engine_seen_by_the_sink = nullptr;
  defining.log = [&](LogLevel, std::string_view line) {
    if (line.find("the store failed") == std::string_view::npos) return;
    watch->trouble(StoreWatch::Trouble::none);
    engine_seen_by_the_sink->define("second", nap);
  };
  Engine engine{std::make_unique<WatchedStore>(open_memory(), watch), defining};
  engine_seen_by_the_sink = &engine;
  watch->trouble(StoreWatch::Trouble::refuses);
  EXPECT_EQ(refusal([&] { engine.define("first", nap); }).first, Errc::store_failed);
  EXPECT_THAT(engine.workflows(), SizeIs(1));
  engine.define("first", nap);
}

TEST_F(ReentryTest, AStopCallbackMayCallTheEngine) {
  Engine engine{open_memory(), options()};
  auto naps = engine.define("nap", nap);
  auto instance = define_obedient(engine, [naps]() mutable {
                    naps.create({.id = "from-the-callback"});
                  }).create({});
  engine.start();
  entered.wait_for(1);
  instance.terminate();
  EXPECT_TRUE(engine.stop(1min));
  EXPECT_TRUE(naps.find("from-the-callback"));
}

// The engine is nobody's lock: while one thread waits in a callback, the others go on.
TEST_F(ReentryTest, AStopCallbackMayWaitForAThreadThatCallsTheEngine) {
  Engine engine{open_memory(), options()};
  auto naps = engine.define("nap", nap);
  Gate callback_waits;
  auto instance = define_obedient(engine, [&] { callback_waits.pass(); }).create({});
  engine.start();
  entered.wait_for(1);
  Crowd terminating{1, [&](std::size_t) { instance.terminate(); }};
  callback_waits.wait_for(1);
  naps.create({.id = "meanwhile"});
  callback_waits.open();
  terminating.join();
}

TEST_F(ReentryTest, StoppingFromABodyDoesNotWaitForItself) {
  Engine engine{open_memory(), options()};
  std::atomic<int> rests = -1;
  auto workflow = engine.define("stops", [&](Context& ctx) -> Task<void> {
    co_await ctx.step("stop", [&] {
      rests = engine.stop(0ms) ? 1 : 0;
      entered.open();
      entered.pass();
    });
  });
  workflow.create({});
  engine.start();
  entered.wait_for(1);
  EXPECT_EQ(rests, 0);
  EXPECT_TRUE(engine.stop(1min));
}

TEST_F(ReentryTest, ACompletionHandlerMayStopAndDestroyTheEngine) {
  auto engine = std::make_unique<Engine>(open_memory(), options());
  auto instance = engine->define("nap", nap).create({});
  engine->start();
  boost::asio::io_context io;
  bool done = false;
  instance.async_wait(boost::asio::bind_executor(io, [&](std::exception_ptr error) {
    EXPECT_TRUE(error);
    EXPECT_TRUE(engine->stop(1min));
    engine.reset();
    done = true;
  }));
  instance.terminate();
  io.run();
  EXPECT_TRUE(done);
}

TEST_F(ReentryTest, WhoAsksBehindTheEndIsAnswered) {
  const std::unique_ptr<Store> store = open_memory();
  engine::Conductor conductor{{}, 1};
  engine::Runner runner{*store, conductor, std::make_shared<engine::GuardedClock>(clock), {}, 1};
  runner.start();
  runner.post(engine::Begin{});
  EXPECT_TRUE(runner.halt(1min));
  runner.join();
  bool told = false;
  runner.post(engine::Watch{.key = 1, .callback = [&](std::exception_ptr error, const detail::Ended&) {
                              told = error != nullptr;
                            }});
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace cairn::tests
