#include "tests/engine/engine_fixture.hpp"

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/io_context_strand.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <latch>
#include <thread>

// `async_wait` with every kind of token, and bodies that are coroutines of Boost.Asio.
namespace cairn::tests {
namespace {

namespace asio = boost::asio;
using ::testing::ElementsAre;

class AsyncTest : public EngineTest {
 protected:
  // Runs a coroutine to its end on a loop of its own; what it throws comes out here.
  template <class T>
  static T run(asio::awaitable<T> coroutine) {
    asio::io_context io;
    std::future<T> result = asio::co_spawn(io, std::move(coroutine), asio::use_future);
    io.run();
    return result.get();
  }
};

TEST_F(AsyncTest, ACoroutineMayAwaitTheEnd) {
  Engine engine{open_memory(), options()};
  auto instance = engine.define("twice", twice).create({.params = 3});
  engine.start();
  EXPECT_EQ(run(instance.async_wait(asio::use_awaitable)), 6);
  EXPECT_EQ(run(instance.async_wait(asio::use_awaitable)), 6) << "also after the end";
}

TEST_F(AsyncTest, AFutureMayHoldTheEnd) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("nap", nap);
  engine.start();
  workflow.create({}).terminate();  // from now on a new instance begins in the group that creates it
  std::future<void> ended = workflow.create({}).async_wait(asio::use_future);
  clock->advance(2h);
  ended.get();
}

TEST_F(AsyncTest, ACallbackRunsOnItsOwnExecutor) {
  Engine engine{open_memory(), options()};
  auto instance = engine.define("twice", twice).create({.params = 3});
  engine.start();
  asio::thread_pool pool{1};
  std::promise<std::thread::id> pool_thread;
  asio::post(pool, [&] { pool_thread.set_value(std::this_thread::get_id()); });
  std::promise<std::thread::id> called;
  instance.async_wait(asio::bind_executor(pool, [&](std::exception_ptr error, int output) {
    EXPECT_FALSE(error);
    EXPECT_EQ(output, 6);
    called.set_value(std::this_thread::get_id());
  }));
  EXPECT_EQ(called.get_future().get(), pool_thread.get_future().get());
  pool.join();
}

TEST_F(AsyncTest, AStrandKeepsItsHandlersApart) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("twice", twice);
  engine.start();
  asio::thread_pool pool{4};
  auto strand = asio::make_strand(pool);
  constexpr int instances = 50;
  std::latch left{instances};
  int sum = 0;  // guarded by the strand
  for (int n = 0; n < instances; ++n) {
    workflow.create({.params = n})
        .async_wait(asio::bind_executor(strand, [&](std::exception_ptr, int output) {
          sum += output;
          left.count_down();
        }));
  }
  left.wait();
  EXPECT_EQ(sum, instances * (instances - 1));
  pool.join();
}

// What is destroyed says so.
std::shared_ptr<void> tells_its_end(std::vector<std::string>& ends, std::string name) {
  return {nullptr, [&ends, name = std::move(name)](void*) { ends.push_back(name); }};
}

// While a call is let go of, its executor must be there still: whoever completes it may be posting to that.
template <class Strand>
void expect_that_calls_end_before(const Instance<void>& instance, auto make_strand) {
  std::vector<std::string> ends;
  {
    asio::io_context io;
    instance.async_wait(asio::bind_executor(io, [](std::exception_ptr) {}));
    const Strand strand = make_strand(io);  // after the first call of its context
    asio::post(strand, [kept = tells_its_end(ends, "the strand's own")] {});
    instance.async_wait(
        asio::bind_executor(strand, [kept = tells_its_end(ends, "the call")](std::exception_ptr) {}));
  }
  EXPECT_THAT(ends, ElementsAre("the call", "the strand's own"));
}

TEST_F(AsyncTest, ACallIsLetGoOfBeforeAnyKindOfStrandEnds) {
  Engine engine{open_memory(), options()};
  const auto instance = engine.define("nap", nap).create({});
  expect_that_calls_end_before<asio::strand<asio::io_context::executor_type>>(
      instance, [](asio::io_context& io) { return asio::make_strand(io); });
  expect_that_calls_end_before<asio::io_context::strand>(
      instance, [](asio::io_context& io) { return asio::io_context::strand{io}; });
  expect_that_calls_end_before<asio::any_io_executor>(
      instance, [](asio::io_context& io) { return asio::any_io_executor{asio::make_strand(io)}; });
}

TEST_F(AsyncTest, AHandlerMayBeOfAnyType) {
  Engine engine{open_memory(), options()};
  auto instance = engine.define("twice", twice).create({.params = 3});
  engine.start();
  asio::io_context io;
  int sum = 0;
  const auto add = [&](std::exception_ptr, int output) { sum += output; };
  instance.async_wait(
      asio::any_completion_handler<void(std::exception_ptr, int)>{asio::bind_executor(io, add)});
  instance.async_wait(asio::bind_executor(asio::any_completion_executor{io.get_executor()}, add));
  instance.async_wait(asio::bind_executor(asio::any_io_executor{io.get_executor()}, add));
  io.run();
  EXPECT_EQ(sum, 18);
}

TEST_F(AsyncTest, AFailureIsThrownOutOfTheAwait) {
  Engine engine{open_memory(), options()};
  auto instance = engine.define("nap", nap).create({});
  engine.start();
  instance.terminate();
  EXPECT_THROW(run(instance.async_wait(asio::use_awaitable)), InstanceError);
}

TEST_F(AsyncTest, StoppingEndsTheWait) {
  Engine engine{open_memory(), options()};
  auto instance = engine.define("nap", nap).create({});
  engine.start();
  std::future<void> before = instance.async_wait(asio::use_future);
  engine.stop(1min);
  EXPECT_EQ(refusal([&] { before.get(); }).first, Errc::engine_stopped);
  EXPECT_EQ(refusal([&] { run(instance.async_wait(asio::use_awaitable)); }).first, Errc::engine_stopped);
  std::future<void> after = instance.async_wait(asio::use_future);
  EXPECT_EQ(refusal([&] { after.get(); }).first, Errc::engine_stopped);
}

TEST_F(AsyncTest, AWaitOutlivesTheEngine) {
  std::optional<Instance<void>> instance;
  std::future<void> before;
  {
    Engine engine{open_memory(), options()};
    instance = engine.define("nap", nap).create({});
    before = instance->async_wait(asio::use_future);
  }
  EXPECT_EQ(refusal([&] { before.get(); }).first, Errc::engine_stopped);
  EXPECT_EQ(refusal([&] { run(instance->async_wait(asio::use_awaitable)); }).first, Errc::engine_stopped);
}

// --------------------------------------------------------------------------------------------- awaitable
// bodies

TEST_F(AsyncTest, ABodyMayAwaitTimers) {
  Engine engine{open_memory(), options(1)};
  auto workflow = engine.define("timer", [](Context& ctx) -> Task<int> {
    int fired = co_await ctx.step("timer", [](StepContext& step) -> asio::awaitable<int> {
      asio::steady_timer timer{co_await asio::this_coro::executor, 1ms};
      co_await timer.async_wait(asio::use_awaitable);
      co_return step.attempt();
    });
    co_return fired;
  });
  engine.start();
  EXPECT_EQ(workflow.create({}).wait(), 1);
}

TEST_F(AsyncTest, ABodyMayUseWhatItCapturesByReference) {
  Engine engine{open_memory(), options(1)};
  auto workflow = engine.define("move-only", [](Context& ctx) -> Task<std::string> {
    auto text = std::make_unique<std::string>("before");
    co_await ctx.step("change", [&]() -> asio::awaitable<void> {
      co_await asio::post(asio::use_awaitable);
      *text += ", after";
    });
    std::string result = *text;
    co_return result;
  });
  engine.start();
  EXPECT_EQ(workflow.create({}).wait(), "before, after");
}

TEST_F(AsyncTest, WhatABodyThrowsFailsItsAttempt) {
  Engine engine{open_memory(), options(1)};
  const StepOptions twice_at_once{.retries = {.limit = 1, .delay = 0ms}};
  auto workflow = engine.define("throws", [twice_at_once](Context& ctx) -> Task<void> {
    co_await ctx.step("throw", twice_at_once, [](StepContext& step) -> asio::awaitable<void> {
      co_await asio::post(asio::use_awaitable);
      if (step.attempt() == 1) throw std::runtime_error{"first"};
      throw NonRetryableError{"second", "Gone"};
    });
  });
  engine.start();
  auto instance = workflow.create({});
  try {
    instance.wait();
    FAIL() << "nothing was thrown";
  } catch (const InstanceError& error) {
    EXPECT_EQ(error.name(), "Gone");
    EXPECT_STREQ(error.what(), "second");
  }
  EXPECT_EQ(instance.describe().steps.at(0).attempts.at(0).error->message, "first");
}

// As when a loop of the host's ends on which it waits, or for lack of memory on the way back to it.
TEST_F(AsyncTest, ACoroutineThatIsDestroyedFailsItsAttempt) {
  Engine engine{open_memory(), options(1)};
  const StepOptions twice_at_once{.retries = {.limit = 1, .delay = 0ms}};
  auto workflow = engine.define("lost", [twice_at_once](Context& ctx) -> Task<void> {
    co_await ctx.step("lose", twice_at_once, [](StepContext& step) -> asio::awaitable<void> {
      if (step.attempt() == 2) co_return;
      const auto lose = [](auto handler) {
        auto executor = asio::get_associated_executor(handler);
        auto lost = std::make_shared<decltype(handler)>(std::move(handler));
        asio::post(executor, [lost = std::move(lost)] {});
      };
      co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(lose, asio::use_awaitable);
    });
  });
  engine.start();
  auto instance = workflow.create({});
  instance.wait();
  EXPECT_EQ(instance.describe().steps.at(0).attempts.at(0).error->message,
            "the coroutine was destroyed before it returned");
  EXPECT_TRUE(engine.stop(20s));
}

TEST_F(AsyncTest, ABodyIsCancelledAtItsTimeout) {
  Engine engine{open_memory(), options(1)};
  Gate entered;
  entered.open();
  const StepOptions once{.retries = {.limit = 0}, .timeout = 30s};
  auto workflow = engine.define("hangs", [&](Context& ctx) -> Task<void> {
    co_await ctx.step("hang", once, [&]() -> asio::awaitable<void> {
      asio::steady_timer never{co_await asio::this_coro::executor, asio::steady_timer::time_point::max()};
      entered.pass();
      co_await never.async_wait(asio::use_awaitable);
    });
  });
  engine.start();
  auto instance = workflow.create({});
  entered.wait_for(1);
  clock->advance(31s);
  try {
    instance.wait();
    FAIL() << "nothing was thrown";
  } catch (const InstanceError& error) {
    EXPECT_EQ(error.name(), "WorkflowTimeoutError");
  }
}

TEST_F(AsyncTest, ABodyIsCancelledWhenItsEngineStops) {
  Engine engine{open_memory(), options(1)};
  Gate entered;
  entered.open();
  auto workflow = engine.define("hangs", [&](Context& ctx) -> Task<void> {
    co_await ctx.step("hang", [&]() -> asio::awaitable<void> {
      asio::steady_timer never{co_await asio::this_coro::executor, asio::steady_timer::time_point::max()};
      entered.pass();
      co_await never.async_wait(asio::use_awaitable);
    });
  });
  engine.start();
  workflow.create({});
  entered.wait_for(1);
  EXPECT_TRUE(engine.stop(1min));
}

TEST_F(AsyncTest, AThousandBodiesNeedOneWorker) {
  constexpr std::size_t instances = 1'000;
  Engine engine{open_memory(), options(1)};
  // All bodies run on one thread. They leave together, when the last one has come.
  std::size_t arrived = 0;
  std::shared_ptr<asio::steady_timer> all_are_here;
  auto workflow = engine.define("meet", [&](Context& ctx) -> Task<std::size_t> {
    std::size_t met = co_await ctx.step("meet", [&]() -> asio::awaitable<std::size_t> {
      const auto executor = co_await asio::this_coro::executor;
      if (++arrived == instances) {
        std::exchange(all_are_here, nullptr)->cancel();
        co_return arrived;
      }
      if (!all_are_here) {
        all_are_here = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
      }
      const std::shared_ptr<asio::steady_timer> signal = all_are_here;
      boost::system::error_code cancelled;
      co_await signal->async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
      co_return arrived;
    });
    co_return met;
  });
  engine.start();
  const BatchResult batch = workflow.create_batch(std::vector<NewInstance<void>>(instances));
  for (const CreatedInstance& created : batch.created) ASSERT_EQ(workflow.get(created.id).wait(), instances);
}

TEST_F(AsyncTest, WhatAHandlerThrowsOnTheEnginesLoopEndsNothing) {
  Engine engine{open_memory(), options(1)};
  auto workflow = engine.define("litters", [&](Context& ctx) -> Task<int> {
    int result = co_await ctx.step("litter", []() -> asio::awaitable<int> {
      const auto executor = co_await asio::this_coro::executor;
      asio::post(executor, [] { throw std::runtime_error{"left behind"}; });
      co_await asio::post(asio::use_awaitable);
      co_return 1;
    });
    co_return result;
  });
  engine.start();
  EXPECT_EQ(workflow.create({}).wait(), 1);
  log->wait_for("left behind");
}

}  // namespace
}  // namespace cairn::tests
