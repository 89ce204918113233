#include "tests/engine/odd_host.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>

// Bodies, codecs, log sinks, handlers and executors of a host throw what nobody expects: nothing ends but
// what the instance, or the call, is about.
namespace cairn::tests {
namespace {

namespace asio = boost::asio;
using cairn::testing::odd_exceptions;
using cairn::testing::odd_name;
using cairn::testing::OddCodec;
using cairn::testing::OddException;
using cairn::testing::OddValue;
using ::testing::IsEmpty;

// ------------------------------------------------------------------------------------------------ bodies

TEST_P(OddHost, ABodyEndsItsInstanceAndNoOther) {
  Engine engine{open_file(), options()};
  auto odd = engine.define("odd", [raise = raise](Context& ctx) -> Task<void> {
    co_await ctx.step("s", {.retries = {.limit = 1, .delay = 0ms}}, raise);
  });
  auto healthy = engine.define("twice", twice);
  engine.start();
  auto instance = odd.create({});
  EXPECT_THROW(instance.wait(), InstanceError);
  EXPECT_EQ(instance.describe().error, GetParam().recorded);
  EXPECT_EQ(healthy.create({.params = 3}).wait(), 6);
}

enum class Moment { at_the_call, before_it_waits, behind_a_wait };

asio::awaitable<void> raise_in(Moment moment, void (*raise)()) {
  if (moment == Moment::before_it_waits) raise();
  co_await asio::post(asio::use_awaitable);
  raise();
}

TEST_P(OddHost, AnAwaitableBodyEndsItsInstanceAndNoOther) {
  Engine engine{open_memory(), options()};
  auto odd = engine.define("odd", [raise = raise](Context& ctx, int when) -> Task<void> {
    const auto moment = static_cast<Moment>(when);
    const StepOptions once{.retries = {.limit = 0}};
    co_await ctx.step("s", once, [=] {
      if (moment == Moment::at_the_call) raise();
      return raise_in(moment, raise);
    });
  });
  auto healthy = engine.define("healthy", [](Context& ctx) -> Task<int> {
    int one = co_await ctx.step("one", []() -> asio::awaitable<int> {
      co_await asio::post(asio::use_awaitable);
      co_return 1;
    });
    co_return one;
  });
  engine.start();
  for (const Moment moment : {Moment::at_the_call, Moment::before_it_waits, Moment::behind_a_wait}) {
    auto instance = odd.create({.params = static_cast<int>(moment)});
    EXPECT_THROW(instance.wait(), InstanceError);
    EXPECT_EQ(instance.describe().error, GetParam().recorded);
  }
  EXPECT_EQ(healthy.create({}).wait(), 1);
}

TEST_P(OddHost, AHandlerOnTheLoopOfAwaitableBodiesEndsAlone) {
  Engine engine{open_memory(), options()};
  auto odd = engine.define("odd", [raise = raise](Context& ctx) -> Task<int> {
    int one = co_await ctx.step("s", [raise]() -> asio::awaitable<int> {
      asio::post(co_await asio::this_coro::executor, raise);
      co_await asio::post(asio::use_awaitable);
      co_return 1;
    });
    co_return one;
  });
  engine.start();
  EXPECT_EQ(odd.create({}).wait(), 1);
  log->wait_for("a handler on the loop of awaitable bodies threw");
  EXPECT_EQ(odd.create({}).wait(), 1);
}

// ------------------------------------------------------------------------------------------------- codecs

TEST_P(OddHost, ACodecOfParamsRefusesTheCall) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("w", [](Context&, OddValue value) -> Task<int> { co_return value.value; });
  engine.start();
  {
    const OddCodec codec{OddCodec::encoding, GetParam()};
    EXPECT_TRUE(throws([&] { workflow.create({.id = "a", .params = {1}}); }));
    EXPECT_TRUE(throws([&] { workflow.create_batch({{.params = {1}}, {.params = {2}}}); }));
  }
  {
    const OddCodec codec{OddCodec::decoding, GetParam()};
    expect_refused([&] { workflow.check_params(1, "params"); });
  }
  EXPECT_THAT(workflow.list().instances, IsEmpty());
  EXPECT_EQ(workflow.create({.params = {5}}).wait(), 5);
}

TEST_P(OddHost, ACodecOfOutputsRefusesTheOneWhoAsks) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("w", [](Context&) -> Task<OddValue> { co_return OddValue{5}; });
  engine.start();
  auto instance = workflow.create({});
  EXPECT_EQ(instance.wait().value, 5);
  {
    const OddCodec codec{OddCodec::decoding, GetParam()};
    expect_refused([&] { instance.wait(); });
    std::future<OddValue> awaited = instance.async_wait(asio::use_future);
    expect_refused([&] { awaited.get(); });
  }
  EXPECT_EQ(instance.wait().value, 5);
}

// ------------------------------------------------------------------------------------ log, handlers,
// executors

TEST_P(OddHost, ALogSinkLosesItsLine) {
  EngineOptions shouting = options();
  std::atomic<int> lines = 0;
  shouting.log = [&](LogLevel, std::string_view) {
    ++lines;
    raise();
  };
  Engine engine{open_memory(), shouting};
  auto noisy = engine.define("odd", [](Context& ctx) -> Task<void> {
    co_await ctx.step("s", []() -> asio::awaitable<void> {
      asio::post(co_await asio::this_coro::executor, [] { throw std::runtime_error{"a line"}; });
      co_await asio::post(asio::use_awaitable);
    });
  });
  engine.start();
  noisy.create({}).wait();
  while (lines == 0) std::this_thread::yield();
  noisy.create({}).wait();
}

// An executor of the host's that takes nothing.
struct Refusing {
  void (*raise)();
  template <class Function>
  void execute(Function&& /*function*/) const {
    raise();
  }
  [[nodiscard]] Refusing require(asio::execution::blocking_t::never_t) const noexcept { return *this; }
  bool operator==(const Refusing&) const noexcept = default;
};

TEST_P(OddHost, AnExecutorThatRefusesLosesItsHandlersAndTheEngineGoesOn) {
  Engine engine{open_memory(), options()};
  auto naps = engine.define("nap", nap);
  engine.start();
  auto instance = naps.create({});
  const auto alive = std::make_shared<int>(0);
  instance.async_wait(
      asio::bind_executor(Refusing{raise}, [alive](std::exception_ptr) { ADD_FAILURE() << "called"; }));
  instance.async_send_event("go", 1, asio::bind_executor(Refusing{raise}, [alive](std::exception_ptr) {
                              ADD_FAILURE() << "called";
                            }));
  instance.terminate();
  log->wait_for("a completion handler threw, and was ignored");
  while (alive.use_count() > 1) std::this_thread::yield();
  auto other = naps.create({});
  clock->advance(2h);
  other.wait();
}

// A handler may own the signal that cancels it, as coroutines do.
TEST_P(OddHost, AnExecutorThatRefusesLosesAHandlerThatMayBeCancelledAsWell) {
  Engine engine{open_memory(), options()};
  auto naps = engine.define("nap", nap);
  engine.start();
  auto instance = naps.create({});
  const auto alive = std::make_shared<int>(0);
  auto signal = std::make_shared<asio::cancellation_signal>();
  const asio::cancellation_slot slot = signal->slot();
  instance.async_wait(asio::bind_executor(
      Refusing{raise},
      asio::bind_cancellation_slot(
          slot, [alive, owned = std::move(signal)](std::exception_ptr) { ADD_FAILURE() << "called"; })));
  instance.terminate();
  log->wait_for("a completion handler threw, and was ignored");
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (alive.use_count() > 1 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  EXPECT_EQ(alive.use_count(), 1);
}

INSTANTIATE_TEST_SUITE_P(Odd, OddHost, ::testing::ValuesIn(odd_exceptions()),
                         odd_name<::testing::TestParamInfo<OddException>>);

}  // namespace
}  // namespace cairn::tests
