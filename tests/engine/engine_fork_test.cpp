#include "tests/engine/engine_fixture.hpp"
#include "tests/in_child.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

// A host that forks: its child has a copy of the engine, and none of its threads.
namespace cairn::tests {
namespace {

using cairn::testing::in_child;

class ForkTest : public EngineTest {
 protected:
  // An engine whose every thread has begun, and one of them is in a body.
  void run_one(Gate& gate) {
    engine = std::make_unique<Engine>(open_file(), options());
    auto gated = engine->define("gated", [&gate](Context& ctx) -> Task<int> {
      int result = co_await ctx.step("work", [&gate] {
        gate.pass();
        return 7;
      });
      co_return result;
    });
    engine->start();
    instance.emplace(gated.create({.id = "a"}));
    gate.wait_for(1);
  }

  std::unique_ptr<Engine> engine;
  std::optional<Instance<int>> instance;
};

TEST_F(ForkTest, AChildEndsWithoutTheThreadsThatItDoesNotHave) {
  Gate gate;
  run_one(gate);
  const int ended = in_child([&] {
    engine.reset();
    instance.reset();
    return 0;
  });
  EXPECT_EQ(ended, 0);
  gate.open();
  EXPECT_EQ(instance->wait(), 7) << "the parent goes on";
}

TEST_F(ForkTest, AChildIsToldThatTheEngineIsItsParents) {
  Gate gate;
  run_one(gate);
  const auto is_refused = [](auto&& call) {
    const auto [code, message] = refusal(call);
    return code == Errc::engine_stopped && message.find("a fork") != std::string::npos;
  };
  const int ended = in_child([&] {
    if (!is_refused([&] { static_cast<void>(engine->workflow("gated")); })) return 1;
    if (!is_refused([&] { static_cast<void>(engine->workflows()); })) return 2;
    if (!is_refused([&] { engine->define("twice", twice); })) return 3;
    if (!is_refused([&] { instance->wait(); })) return 4;
    if (!is_refused([&] { instance->send_event("go", {}); })) return 5;
    if (!is_refused([&] { static_cast<void>(engine->health()); })) return 6;
    return engine->stop(1h) ? 0 : 7;
  });
  EXPECT_EQ(ended, 0);
  gate.open();
  EXPECT_EQ(instance->wait(), 7);
}

/// Stands where the thread waits that keeps the time, and has the engine's lock.
class StandingClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override { return Time{Duration{1'795'421'730'250}}; }
  [[nodiscard]] Duration uptime() const override { return 1h; }
  void wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                  Time /*until*/) override {
    if (stands.exchange(false)) {
      gate.pass();
    } else {
      condition.wait_for(lock, 1ms);
    }
  }

  std::atomic<bool> stands = false;
  Gate gate;
};

TEST_F(ForkTest, AChildLetsGoOfItsCallsWithoutTheEngine) {
  const auto standing = std::make_shared<StandingClock>();
  EngineOptions some = options();
  some.clock = standing;
  Engine parents{open_memory(), some};
  auto waiting = parents.define("nap", nap).create({});
  parents.start();
  std::optional<boost::asio::io_context> io{std::in_place};
  waiting.async_wait(boost::asio::bind_executor(*io, [](std::exception_ptr) {}));
  while (waiting.status() != Status::waiting) std::this_thread::yield();
  standing->stands = true;
  standing->gate.wait_for(1);
  const int ended = in_child([&] {
    io.reset();
    return 0;
  });
  EXPECT_EQ(ended, 0);
  standing->gate.open();
}

}  // namespace
}  // namespace cairn::tests
