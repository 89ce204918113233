#include "tests/engine/engine_fixture.hpp"

#include <boost/asio/use_future.hpp>

#include <future>
#include <optional>
#include <stop_token>

// The thread that keeps the time calls no code of the host.
namespace cairn::tests {
namespace {

class KeeperTest : public EngineTest {
 protected:
  // An instance that wakes in an hour, and whose end nobody's thread waits for: that would take turns.
  void begin_nap(Engine& engine) {
    naps = engine.define("nap", nap);
    engine.start();
    ended = naps->create({}).async_wait(boost::asio::use_future);
  }
  void expect_nap_to_end() {
    clock->advance(1h);
    EXPECT_EQ(ended.wait_for(20s), std::future_status::ready);
    gate.open();
  }

  Gate gate;
  std::optional<Workflow<void, void>> naps;
  std::future<void> ended;
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

TEST_F(KeeperTest, AStopCallbackThatDoesNotReturnHoldsUpNoTimer) {
  Engine engine{open_memory(), options()};
  Gate begun;
  Gate returned;
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
  clock->advance(1min);
  gate.wait_for(1);
  expect_nap_to_end();
  returned.open();
}

}  // namespace
}  // namespace cairn::tests
