#include "tests/engine/engine_fixture.hpp"
#include "tests/engine/untidy_store.hpp"
#include "tests/engine/watched_store.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

// Behind its turns the thread that keeps the time calls no code of the host; and what has to be told is told.
namespace cairn::tests {
namespace {

class KeeperTest : public EngineTest {
 protected:
  void begin_nap(Engine& engine) {
    naps = engine.define("nap", nap);
    engine.start();
    napping = naps->create({});
  }
  // The store is asked, since whoever waits for the end would take turns.
  void expect_nap_to_end() {
    clock->advance(1h);
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (napping->status() != Status::complete && std::chrono::steady_clock::now() < until)
      std::this_thread::yield();
    EXPECT_EQ(napping->status(), Status::complete);
    gate.open();
  }

  std::unique_ptr<Store> watched() { return std::make_unique<WatchedStore>(open_memory(), watch); }

  const std::shared_ptr<StoreWatch> watch = std::make_shared<StoreWatch>();
  Gate gate;
  Gate begun;
  Gate returned;
  std::optional<Workflow<void, void>> naps;
  std::optional<Instance<void>> napping;
};

TEST_F(KeeperTest, ALogSinkThatDoesNotReturnHoldsUpNoTimer) {
  EngineOptions sweeping = options();
  sweeping.sweep_interval = 1min;
  sweeping.log = [this](LogLevel, std::string_view line) {
    if (line.find("swept") != std::string_view::npos) gate.pass();
  };
  Engine engine{open_memory(), sweeping};
  begin_nap(engine);
  auto swept = naps->create({.retention = {.error = 1s}});
  swept.terminate();
  clock->advance(1min);
  gate.wait_for(1);
  expect_nap_to_end();
}

// Has more to do, and sees when there is time for it.
struct QuietStore final : testing::ForwardingStore {
  using ForwardingStore::ForwardingStore;
  bool maintain(Demand demand) override {
    if (demand == Demand::quiet) was_quiet = true;
    return demand == Demand::busy;
  }
  std::atomic<bool> was_quiet = false;
};

TEST_F(KeeperTest, AStoreHasItsQuietThoughTheClockIsSetBack) {
  auto store = std::make_unique<QuietStore>(open_memory());
  const std::atomic<bool>& was_quiet = store->was_quiet;
  Engine engine{std::move(store), options()};
  begin_nap(engine);
  clock->leap(-1h);
  const auto until = std::chrono::steady_clock::now() + 20s;
  for (Duration passed{}; !was_quiet && std::chrono::steady_clock::now() < until; passed += 100ms) {
    if (passed < 30min) clock->advance(100ms);
    std::this_thread::yield();
  }
  EXPECT_TRUE(was_quiet);
}

TEST_F(KeeperTest, ALogSinkThatDoesNotReturnKeepsNoBodyFromBeingAskedToStop) {
  EngineOptions stuck = options();
  stuck.log = [this](LogLevel, std::string_view line) {
    if (line.find("house-keeping") != std::string_view::npos) gate.pass();
  };
  std::atomic<int> failures = 0;
  Engine engine{std::make_unique<UntidyStore>(open_memory(), failures), stuck};
  auto obedient = engine.define("obedient", [&](Context& ctx) -> Task<void> {
    co_await ctx.step("obey", [&](StepContext& step) {
      begun.pass();
      while (!step.stop_token().stop_requested()) std::this_thread::yield();
    });
  });
  engine.start();
  auto instance = obedient.create({});
  begun.open();
  begun.wait_for(1);
  failures = 1;                                                       // which the log is told
  instance.async_send_event("go", 1, boost::asio::use_future).get();  // in a turn of the timer thread
  gate.wait_for(1);
  EXPECT_TRUE(engine.stop(20s));
  gate.open();
}

// What a turn of that thread tells a body leads it to the next turn, whose lines are not its to write either.
TEST_F(KeeperTest, ALogSinkThatDoesNotReturnHoldsUpNoTimerAfterTheWaitOfABodyHasEnded) {
  EngineOptions stuck = options();
  stuck.concurrency = 1;
  stuck.log = [this](LogLevel, std::string_view line) {
    if (line.find("house-keeping") != std::string_view::npos) gate.pass();
  };
  std::atomic<int> failures = 0;
  Engine engine{std::make_unique<UntidyStore>(open_memory(), failures, UntidyStore::Reasons::numbered),
                stuck};
  auto brief = engine.define("brief", [](Context& ctx) -> Task<void> { co_await ctx.sleep("s", 1min); });
  auto parent = engine.define("parent", [&](Context& ctx) -> Task<void> {
    co_await ctx.step("wait", [&]() -> boost::asio::awaitable<void> {
      co_await brief.get("child").async_wait(boost::asio::use_awaitable);
    });
  });
  begin_nap(engine);
  parent.create({});
  auto child = brief.create({.id = "child"});
  // It has the only slot once the body has lent that, and so waits.
  while (child.status() != Status::waiting) std::this_thread::yield();
  failures = 1'000'000;
  clock->advance(1min);
  gate.wait_for(1);
  expect_nap_to_end();
  failures = 0;
}

TEST_F(KeeperTest, ALogSinkThatDoesNotReturnHoldsUpNothingThatItsTurnBegins) {
  EngineOptions stuck = options();
  stuck.log = [this](LogLevel, std::string_view line) {
    if (line.find("between two awaits") != std::string_view::npos) gate.pass();
  };
  Engine engine{open_memory(), stuck};
  auto slow = engine.define("slow", [&](Context& ctx) -> Task<void> {
    clock->advance(1s);
    co_await ctx.step("work", [] {});
  });
  engine.start();
  Crowd caller{1, [&](std::size_t) { slow.create({.id = "a"}); }};
  gate.wait_for(1);  // on the thread of the caller, behind the commit
  auto instance = slow.find("a");
  ASSERT_TRUE(instance);
  EXPECT_NO_THROW(instance->wait_for(20s));
  gate.open();
}

TEST_F(KeeperTest, AStopCallbackThatDoesNotReturnHoldsUpNobodyWhoWaitsForTheEnd) {
  Engine engine{open_memory(), options()};
  auto held = engine.define("held", [&](Context& ctx) -> Task<void> {
    co_await ctx.step("held", [&](StepContext& step) {
      const std::stop_callback callback{step.stop_token(), [this] { gate.pass(); }};
      begun.pass();
      returned.pass();
    });
  });
  engine.start();
  auto instance = held.create({});
  begun.open();
  begun.wait_for(1);
  std::future<void> told = instance.async_wait(boost::asio::use_future);
  Crowd caller{1, [&](std::size_t) { instance.terminate(); }};
  gate.wait_for(1);
  EXPECT_EQ(told.wait_for(20s), std::future_status::ready);
  gate.open();
  returned.open();
  EXPECT_THROW(told.get(), InstanceError);
}

TEST_F(KeeperTest, AStopCallbackThatDoesNotReturnHoldsUpNoTimer) {
  Engine engine{open_memory(), options()};
  auto late = engine.define("late", [&](Context& ctx) -> Task<void> {
    co_await ctx.step("late", {.retries = {.limit = 0}, .timeout = 1min}, [&](StepContext& step) {
      const std::stop_callback callback{step.stop_token(), [this] { gate.pass(); }};
      begun.pass();
      returned.pass();
    });
  });
  begin_nap(engine);
  late.create({});
  begun.wait_for(1);
  begun.open();
  clock->advance(1min);
  gate.wait_for(1);
  expect_nap_to_end();
  returned.open();
}

// The thread that is to ask the bodies to stop waits until they have stopped.
TEST_F(KeeperTest, AStopCallbackMayStopItsEngine) {
  Engine engine{open_memory(), options()};
  bool has_stopped = false;
  const auto stop = [&] {
    gate.pass();
    has_stopped = engine.stop(20s);
  };
  std::optional<std::stop_callback<std::function<void()>>> callback;
  auto late = engine.define("late", [&](Context& ctx) -> Task<void> {
    co_await ctx.step("late", {.retries = {.limit = 0}, .timeout = 1min}, [&](StepContext& step) {
      callback.emplace(step.stop_token(), stop);
      begun.pass();
      while (!step.stop_token().stop_requested()) std::this_thread::yield();
    });
  });
  auto other = engine.define("other", [&](Context& ctx) -> Task<void> {
    co_await ctx.step("other", {.timeout = 1h}, [&](StepContext& step) {
      begun.pass();
      while (!step.stop_token().stop_requested()) std::this_thread::yield();
    });
  });
  engine.start();
  late.create({});
  other.create({});
  begun.wait_for(2);
  begun.open();
  gate.open();
  clock->advance(1min);
  gate.wait_for(1);
  callback.reset();  // behind the callback
  EXPECT_TRUE(has_stopped);
  EXPECT_EQ(engine.metrics().missed_wakeups, 0U);
}

// Whoever stops an engine takes no turn for it.
TEST_F(KeeperTest, AStoreThatDoesNotReturnKeepsNoStopBeyondItsDeadline) {
  Engine engine{watched(), options()};
  auto waiting = engine.define("nap", nap).create({});
  engine.start();
  watch->hold();
  auto sent = waiting.async_send_event("go", 1, boost::asio::use_future);
  EXPECT_FALSE(engine.stop(20ms));
  watch->release();
  EXPECT_TRUE(engine.stop(20s));
  sent.get();
}

TEST_F(KeeperTest, AStopThatAStoreKeepsBlamesNoBodyWhereNoneRuns) {
  Engine engine{watched(), options()};
  auto waiting = engine.define("nap", nap).create({});
  engine.start();
  watch->hold();
  auto sent = waiting.async_send_event("go", 1, boost::asio::use_future);
  watch->wait_until_held();
  EXPECT_FALSE(engine.stop(0ms));
  EXPECT_EQ(log->count("the deadline has passed, and the store does not answer"), 1U);
  EXPECT_EQ(log->count("bod"), 0U);
  watch->release();
  EXPECT_TRUE(engine.stop(20s));
  sent.get();
}

TEST_F(KeeperTest, AStopCallbackThatDoesNotReturnKeepsNoStopBeyondItsDeadline) {
  Engine engine{open_memory(), options()};
  auto held = engine.define("held", [&](Context& ctx) -> Task<void> {
    co_await ctx.step("held", [&](StepContext& step) {
      const std::stop_callback callback{step.stop_token(), [this] { gate.pass(); }};
      begun.pass();
      while (!step.stop_token().stop_requested()) std::this_thread::yield();
    });
  });
  engine.start();
  held.create({});
  begun.open();
  begun.wait_for(1);
  EXPECT_FALSE(engine.stop(20ms));
  gate.open();
  EXPECT_TRUE(engine.stop(20s));
}

TEST_F(KeeperTest, AStopAfterAFaultWaitsForTheBodiesThatRun) {
  Engine engine{watched(), options()};
  auto held = engine.define(
      "held", [&](Context& ctx) -> Task<void> { co_await ctx.step("held", [&] { gate.pass(); }); });
  engine.start();
  held.create({});
  gate.wait_for(1);
  watch->trouble(StoreWatch::Trouble::answers_nonsense);
  EXPECT_NE(refusal([&] { held.create({}); }).first, Errc{});
  EXPECT_FALSE(engine.stop(1ms));
  gate.open();
  EXPECT_TRUE(engine.stop(20s));
}

// As a clock may (`Clock::wait_until`), with the lock of those who wait.
class HastyClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override { return real_->now(); }
  [[nodiscard]] Duration uptime() const override { return real_->uptime(); }
  void wait_until(std::condition_variable& /*condition*/, std::unique_lock<std::mutex>& /*lock*/,
                  Time /*until*/) override {}

 private:
  const std::shared_ptr<Clock> real_ = system_clock();
};

TEST_F(KeeperTest, AClockThatAlwaysReturnsEarlyKeepsNobodyOut) {
  EngineOptions hasty = options();
  hasty.clock = std::make_shared<HastyClock>();
  Engine engine{open_memory(), hasty};
  auto short_naps = engine.define("short_nap", [](Context& ctx) -> Task<int> {
    co_await ctx.sleep("nap", 2ms);
    co_return 1;
  });
  engine.start();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(short_naps.create({}).wait(), 1);
  EXPECT_EQ(engine.health().state, HealthState::ok);
}

// What it waits for may come while it looks whether it can help.
TEST_F(KeeperTest, AStopMissesNobody) {
  for (int round = 0; round < 200; ++round) {
    Engine engine{open_memory(), options(2)};
    auto quick = engine.define("quick", [](Context& ctx) -> Task<void> {
      for (int i = 0; i < 20; ++i) co_await ctx.step("part", [] {});
    });
    engine.start();
    for (int i = 0; i < round % 5; ++i) quick.create({});
    ASSERT_TRUE(engine.stop(20s));
    ASSERT_EQ(engine.metrics().missed_wakeups, 0U) << "in round " << round;
  }
}

}  // namespace
}  // namespace cairn::tests
