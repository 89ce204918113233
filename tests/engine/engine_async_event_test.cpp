#include "tests/engine/engine_fixture.hpp"
#include "tests/engine/watched_store.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <exception>
#include <future>
#include <string>
#include <thread>
#include <vector>

// `async_send_event`: told when the event is durable, or what kept it from being so; no thread waits for it.
namespace cairn::tests {
namespace {

namespace asio = boost::asio;
using ::testing::SizeIs;

Task<int> wait_for_go(Context& ctx) {
  Event event = co_await ctx.wait_for_event("go", {.type = "go"});
  co_return event.payload.get<int>();
}

class AsyncEventTest : public EngineTest {
 protected:
  std::unique_ptr<Store> watched() { return std::make_unique<WatchedStore>(open_memory(), watch); }

  static Errc told(std::future<void> sent) {
    return refusal([&] { sent.get(); }).first;
  }

  std::shared_ptr<StoreWatch> watch = std::make_shared<StoreWatch>();
};

TEST_F(AsyncEventTest, ReachesAnInstanceThatWaits) {
  Engine engine{open_memory(), options()};
  auto instance = engine.define("wait", wait_for_go).create({});
  engine.start();
  instance.async_send_event("go", 7, asio::use_future).get();
  EXPECT_EQ(instance.wait(), 7);
}

TEST_F(AsyncEventTest, MayBeAwaitedByACoroutine) {
  Engine engine{open_memory(), options()};
  auto instance = engine.define("wait", wait_for_go).create({});
  engine.start();
  asio::io_context io;
  std::future<void> sent = asio::co_spawn(io, instance.async_send_event("go", 7, asio::use_awaitable),
                                          asio::use_future);
  io.run();
  sent.get();
  EXPECT_EQ(instance.wait(), 7);
}

TEST_F(AsyncEventTest, IsWrittenByTheCallerBeforeTheEngineStarts) {
  Engine engine{watched(), options()};
  auto instance = engine.define("wait", wait_for_go).create({});
  watch->forget_groups();
  std::future<void> sent = instance.async_send_event("go", 7, asio::use_future);
  ASSERT_THAT(watch->groups(), SizeIs(1));
  sent.get();
  engine.start();
  EXPECT_EQ(instance.wait(), 7);
}

// None of them waits for the commit that is under way, and all share the next one.
TEST_F(AsyncEventTest, ManyAreSentByOneThreadAndShareACommit) {
  constexpr std::size_t events = 50;
  Engine engine{watched(), options()};
  auto workflow = engine.define("wait", wait_for_go);
  engine.start();
  std::vector<Instance<int>> instances;
  for (std::size_t number = 0; number < events; ++number) instances.push_back(workflow.create({}));
  watch->forget_groups();
  watch->hold();
  Crowd leader{1, [&](std::size_t) { workflow.create({}); }};
  watch->wait_until_held();
  std::vector<std::future<void>> sent;
  for (const auto& instance : instances) sent.push_back(instance.async_send_event("go", 7, asio::use_future));
  for (const auto& event : sent) EXPECT_EQ(event.wait_for(0s), std::future_status::timeout);
  watch->release();
  for (auto& event : sent) event.get();
  EXPECT_THAT(watch->groups(), SizeIs(2));
  for (const auto& instance : instances) EXPECT_EQ(instance.wait(), 7);
}

// The executor of a handler whose type is erased runs it at once, on a thread of its own context: here the
// one that leads the turn in which the event is written.
TEST_F(AsyncEventTest, MayBeFollowedByACallOfTheEngineWhereTheHandlerRunsAtOnce) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("wait", wait_for_go);
  const auto instance = workflow.create({});
  asio::io_context io;
  std::vector<std::string> created;
  const auto create = [&](const std::exception_ptr& error) {
    EXPECT_FALSE(error);
    created.push_back(workflow.create({.id = "behind"}).id());
  };
  asio::post(io, [&] {
    instance.async_send_event("go", 7,
                              asio::any_completion_handler<void(std::exception_ptr)>{
                                  asio::bind_executor(io.get_executor(), create)});
    created.push_back(workflow.create({.id = "beside"}).id());
  });
  io.run();
  EXPECT_THAT(created, ::testing::UnorderedElementsAre("behind", "beside"));
}

TEST_F(AsyncEventTest, IsRefusedAsOneThatIsWaitedFor) {
  EngineOptions few = options();
  few.limits.buffered_events = 1;
  few.limits.event_bytes = 10;
  Engine engine{open_memory(), few};
  auto workflow = engine.define("nap", nap);
  auto ended = workflow.create({});
  ended.terminate();
  auto sleeping = workflow.create({});
  sleeping.send_event("go", 1);
  const auto send = [](const Instance<void>& to, const std::string& type, const json& payload) {
    return std::pair{refusal([&] { to.send_event(type, payload); }),
                     refusal([&] { to.async_send_event(type, payload, asio::use_future).get(); })};
  };
  for (const auto& [waited, called_back] :
       {send(ended, "go", 1), send(sleeping, "go", 1), send(sleeping, "go", "longer than ten"),
        send(sleeping, "no type!", 1), send(sleeping, "go", "\xff")}) {
    EXPECT_EQ(waited, called_back);
    EXPECT_NE(waited.first, Errc::internal);
  }
  EXPECT_EQ(told(ended.async_send_event("go", 1, asio::use_future)), Errc::cannot_send_event);
}

TEST_F(AsyncEventTest, IsToldWhatTheStoreSays) {
  Engine engine{watched(), options()};
  auto instance = engine.define("nap", nap).create({});
  engine.start();
  watch->trouble(StoreWatch::Trouble::refuses);
  EXPECT_EQ(told(instance.async_send_event("go", 1, asio::use_future)), Errc::store_failed);
  watch->trouble(StoreWatch::Trouble::loses_answer);
  EXPECT_EQ(told(instance.async_send_event("go", 1, asio::use_future)), Errc::outcome_unknown);
}

TEST_F(AsyncEventTest, IsToldWhenTheEngineFailsMeanwhileAndWhenItHasFailed) {
  Engine engine{watched(), options()};
  auto instance = engine.define("nap", nap).create({});
  engine.start();
  watch->trouble(StoreWatch::Trouble::answers_nonsense);
  EXPECT_EQ(told(instance.async_send_event("go", 1, asio::use_future)), Errc::outcome_unknown);
  // The sender is told while the fault is on its way.
  while (engine.health().state != HealthState::failed) std::this_thread::yield();
  EXPECT_EQ(told(instance.async_send_event("go", 1, asio::use_future)), Errc::internal);
}

TEST_F(AsyncEventTest, IsRefusedByAnEngineThatStoppedAndByOneThatIsGone) {
  auto engine = std::make_unique<Engine>(open_memory(), options());
  auto instance = engine->define("nap", nap).create({});
  engine->start();
  engine->stop(1min);
  EXPECT_EQ(told(instance.async_send_event("go", 1, asio::use_future)), Errc::engine_stopped);
  engine.reset();
  EXPECT_EQ(told(instance.async_send_event("go", 1, asio::use_future)), Errc::engine_stopped);
}

// What was sent before the stop is written before it returns.
TEST_F(AsyncEventTest, IsNotForgottenByAStop) {
  constexpr int events = 20;
  Engine engine{watched(), options()};
  auto instance = engine.define("nap", nap).create({});
  engine.start();
  std::vector<std::future<void>> sent;
  for (int number = 0; number < events; ++number)
    sent.push_back(instance.async_send_event("go", number, asio::use_future));
  engine.stop(1min);
  for (auto& event : sent) event.get();
}

}  // namespace
}  // namespace cairn::tests
