#include "tests/engine/engine_fixture.hpp"
#include "tests/engine/watched_store.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <array>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

// Asio's per-operation cancellation of every asynchronous call, and contexts that end before their calls.
namespace cairn::tests {
namespace {

namespace asio = boost::asio;
using asio::cancellation_type;
using asio::experimental::awaitable_operators::operator||;
using ::testing::ElementsAre;

constexpr std::array every_type{cancellation_type::terminal, cancellation_type::partial,
                                cancellation_type::total};

bool is_aborted(const std::exception_ptr& error) {
  try {
    if (error) std::rethrow_exception(error);
  } catch (const boost::system::system_error& found) {
    return found.code() == asio::error::operation_aborted;
  } catch (const std::exception&) {
    return false;
  }
  return false;
}

/// A call with a signal of its own, and what it completed with.
struct Asked {
  asio::io_context io;
  asio::cancellation_signal signal;
  std::optional<std::exception_ptr> told;

  auto token() {
    return asio::bind_executor(
        io, asio::bind_cancellation_slot(signal.slot(), [this](std::exception_ptr error) { told = error; }));
  }
};

// As `asio::cancel_after` of later versions of Boost. Gives which of both was first.
asio::awaitable<std::size_t> wait_at_most(Instance<void> instance, Duration limit) {
  asio::steady_timer timer{co_await asio::this_coro::executor, limit};
  const auto first = co_await (instance.async_wait(asio::use_awaitable) ||
                               timer.async_wait(asio::use_awaitable));
  co_return first.index();
}

asio::awaitable<void> wait_for_ever(Instance<void> instance, std::shared_ptr<std::promise<void>> begun,
                                    std::shared_ptr<int> /*held*/) {
  begun->set_value();
  co_await instance.async_wait(asio::use_awaitable);
  ADD_FAILURE() << "went on";
}

class CancelTest : public EngineTest {
 protected:
  std::unique_ptr<Store> watched() { return std::make_unique<WatchedStore>(open_memory(), watch); }

  // Nothing is written any more but what the test asks for.
  static Instance<void> asleep(Engine& engine) {
    auto instance = engine.define("nap", nap).create({});
    engine.start();
    while (instance.status() != Status::waiting) std::this_thread::yield();
    return instance;
  }

  std::shared_ptr<StoreWatch> watch = std::make_shared<StoreWatch>();
};

// --------------------------------------------------------------------------------------------------- waits

TEST_F(CancelTest, OfEveryTypeEndsAWait) {
  Engine engine{open_memory(), options()};
  auto sleeper = engine.define("nap", nap).create({});
  engine.start();
  for (const cancellation_type type : every_type) {
    Asked asked;
    sleeper.async_wait(asked.token());
    asked.signal.emit(type);
    asked.io.run();
    ASSERT_TRUE(asked.told);
    EXPECT_TRUE(is_aborted(*asked.told));
  }
  EXPECT_FALSE(is_finished(sleeper.status()));
}

TEST_F(CancelTest, OfNoTypeOrTooLateChangesNothing) {
  Engine engine{open_memory(), options()};
  auto sleeper = engine.define("nap", nap).create({});
  engine.start();
  Asked asked;
  sleeper.async_wait(asked.token());
  asked.signal.emit(cancellation_type::none);
  sleeper.terminate();
  asked.io.run_one();
  ASSERT_TRUE(asked.told);
  asked.signal.emit(cancellation_type::terminal);
  asked.io.run();
  EXPECT_THROW(std::rethrow_exception(*asked.told), InstanceError);
}

TEST_F(CancelTest, OfAWaitBesideATimerReturnsWithTheTimer) {
  Engine engine{open_memory(), options()};
  auto sleeper = engine.define("nap", nap).create({});
  engine.start();
  asio::io_context io;
  std::future<std::size_t> first = asio::co_spawn(io, wait_at_most(sleeper, 0ms), asio::use_future);
  io.run();
  EXPECT_EQ(first.get(), 1U);
  EXPECT_FALSE(is_finished(sleeper.status()));
}

TEST_F(CancelTest, OfAWaitByAParallelGroupIsToldToTheGroup) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("twice", [](Context& ctx, int n) -> Task<int> {
    co_await ctx.sleep("nap", 1h);
    co_return 2 * n;
  });
  engine.start();
  auto instance = workflow.create({.params = 3});
  asio::io_context io;
  asio::steady_timer timer{io, 0ms};
  bool told = false;
  asio::experimental::make_parallel_group(timer.async_wait(asio::deferred),
                                          instance.async_wait(asio::deferred))
      .async_wait(
          asio::experimental::wait_for_one(),
          asio::bind_executor(io, [&](std::array<std::size_t, 2> order, boost::system::error_code of_timer,
                                      std::exception_ptr error, int /*output*/) {
            told = true;
            EXPECT_THAT(order, ElementsAre(0, 1));
            EXPECT_FALSE(of_timer);
            EXPECT_TRUE(is_aborted(error));
          }));
  io.run();
  EXPECT_TRUE(told);
}

// ------------------------------------------------------------------------------------------------- events

TEST_F(CancelTest, OfAnEventBeforeItIsWrittenWithdrawsIt) {
  Engine engine{watched(), options()};
  auto naps = engine.define("nap", nap);
  auto instance = naps.create({});
  engine.start();
  for (const cancellation_type type : every_type) {
    watch->hold();
    Crowd leader{1, [&](std::size_t) { naps.create({}); }};
    watch->wait_until_held();
    Asked asked;
    instance.async_send_event("go", 1, asked.token());
    asked.signal.emit(type);
    asked.io.run();  // before anything is written
    watch->release();
    ASSERT_TRUE(asked.told);
    EXPECT_TRUE(is_aborted(*asked.told));
  }
  instance.send_event("go", 1);
  EXPECT_EQ(instance.describe().buffered_events, 1U);
}

TEST_F(CancelTest, OfAnEventThatIsBeingWrittenLetsGoOfIt) {
  Engine engine{watched(), options()};
  auto instance = asleep(engine);
  std::size_t sent = 0;
  for (const cancellation_type type : {cancellation_type::terminal, cancellation_type::partial}) {
    watch->hold();
    Asked asked;
    instance.async_send_event("go", 1, asked.token());
    watch->wait_until_held();
    asked.signal.emit(type);
    asked.io.run();
    ASSERT_TRUE(asked.told);
    EXPECT_TRUE(is_aborted(*asked.told));
    watch->release();
    instance.send_event("go", 1);  // behind it
    sent += 2;
    EXPECT_EQ(instance.describe().buffered_events, sent);
  }
}

TEST_F(CancelTest, WithoutEffectsComesTooLateForAnEventThatIsBeingWritten) {
  Engine engine{watched(), options()};
  auto instance = asleep(engine);
  watch->hold();
  Asked asked;
  instance.async_send_event("go", 1, asked.token());
  watch->wait_until_held();
  asked.signal.emit(cancellation_type::total);
  asked.io.poll();
  EXPECT_FALSE(asked.told);
  asked.io.restart();
  watch->release();
  asked.io.run();
  ASSERT_TRUE(asked.told);
  EXPECT_EQ(*asked.told, nullptr);
  EXPECT_EQ(instance.describe().buffered_events, 1U);
}

// ----------------------------------------------------------------------------- contexts that end before

TEST_F(CancelTest, IsWhatBecomesOfCallsWhoseContextEndsFirst) {
  Engine engine{watched(), options()};
  auto instance = asleep(engine);
  const auto alive = std::make_shared<int>(0);
  const auto never = [alive](std::exception_ptr) { ADD_FAILURE() << "called"; };
  watch->hold();
  {
    asio::io_context io;
    instance.async_wait(asio::bind_executor(io, never));
    instance.async_wait(asio::bind_executor(asio::make_strand(io), never));
    instance.async_wait(asio::bind_executor(asio::any_io_executor{io.get_executor()}, never));
    instance.async_send_event("go", 1, asio::bind_executor(io, never));
    watch->wait_until_held();
  }
  EXPECT_EQ(alive.use_count(), 2) << "beside `never`";
  watch->release();
  while (instance.describe().buffered_events == 0) std::this_thread::yield();
  instance.terminate();
  EXPECT_THROW(instance.wait(), InstanceError);
}

TEST_F(CancelTest, IsWhatBecomesOfACoroutineWhoseContextEndsFirst) {
  Engine engine{open_memory(), options()};
  auto instance = engine.define("nap", nap).create({});
  engine.start();
  const auto alive = std::make_shared<int>(0);
  {
    const auto begun = std::make_shared<std::promise<void>>();
    asio::thread_pool pool{1};
    asio::co_spawn(pool, wait_for_ever(instance, begun, alive), asio::detached);
    begun->get_future().wait();
    pool.stop();
  }
  EXPECT_EQ(alive.use_count(), 1);
  instance.terminate();
  EXPECT_THROW(instance.wait(), InstanceError);
}

// Each is called or destroyed, once, and a context that ends waits for whoever is about to use it.
TEST_F(CancelTest, OfCallsThatCompleteWhileTheirContextEndsTouchesNothingOfIt) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("twice", twice);
  engine.start();
  const auto alive = std::make_shared<int>(0);
  for (int round = 0; round < 200; ++round) {
    asio::io_context io;
    auto instance = workflow.create({.params = round});
    instance.async_wait(asio::bind_executor(io, [alive](std::exception_ptr, int) {}));
    instance.async_wait(asio::bind_executor(asio::make_strand(io), [alive](std::exception_ptr, int) {}));
    instance.async_send_event("go", 1, asio::bind_executor(io, [alive](std::exception_ptr) {}));
    if (round % 2 == 0) instance.wait();
    if (round % 3 == 0) io.poll();
  }
  EXPECT_EQ(alive.use_count(), 1);
}

TEST_F(CancelTest, OfACallIsNothingWhereItsContextHasEnded) {
  Engine engine{open_memory(), options()};
  auto instance = engine.define("nap", nap).create({});
  engine.start();
  std::optional<asio::io_context> io;
  io.emplace();
  asio::cancellation_signal signal;
  instance.async_wait(asio::bind_executor(
      *io, asio::bind_cancellation_slot(signal.slot(), [](std::exception_ptr) { ADD_FAILURE(); })));
  io.reset();
  signal.emit(cancellation_type::terminal);
  instance.terminate();
  EXPECT_THROW(instance.wait(), InstanceError);
}

// The handler is the last that has the engine, whose end waits for whoever tells those who wait.
TEST_F(CancelTest, OfACallWhoseHandlerHasTheEngineEndsWithItsContext) {
  auto io = std::make_unique<asio::io_context>();
  auto engine = std::make_shared<Engine>(open_memory(), options());
  auto instance = engine->define("nap", nap).create({});
  engine->start();
  instance.async_wait(asio::bind_executor(*io, [engine](std::exception_ptr) { ADD_FAILURE() << "called"; }));
  engine.reset();
  std::packaged_task<void()> end{[ending = std::move(io)]() mutable { ending.reset(); }};
  std::future<void> ended = end.get_future();
  std::thread thread{std::move(end)};
  const bool in_time = ended.wait_for(20s) == std::future_status::ready;
  EXPECT_TRUE(in_time);
  in_time ? thread.join() : thread.detach();
}

/// Sends an event when it is destroyed.
class SendsAtItsEnd {
 public:
  SendsAtItsEnd(asio::io_context& io, Instance<void> instance) : io_(io), instance_(std::move(instance)) {}
  ~SendsAtItsEnd() {
    instance_.async_send_event(
        "go", 1, asio::bind_executor(io_, [](std::exception_ptr) { ADD_FAILURE() << "called"; }));
  }
  SendsAtItsEnd(const SendsAtItsEnd&) = delete;
  SendsAtItsEnd& operator=(const SendsAtItsEnd&) = delete;

 private:
  asio::io_context& io_;
  Instance<void> instance_;
};

// Its first one of cairn, of which it does not know yet.
TEST_F(CancelTest, OfACallThatBeginsAsItsContextEndsTouchesNothingOfIt) {
  Engine engine{watched(), options()};
  auto instance = asleep(engine);
  watch->hold();
  {
    auto io = std::make_unique<asio::io_context>();
    asio::post(*io, [sender = std::make_shared<SendsAtItsEnd>(*io, instance)] {});
  }
  watch->wait_until_held();
  watch->release();
  while (instance.describe().buffered_events == 0) std::this_thread::yield();
}

}  // namespace
}  // namespace cairn::tests
