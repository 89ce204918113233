#include "tests/engine/engine_fixture.hpp"

#include <chrono>
#include <optional>
#include <stop_token>
#include <thread>

// Behind its turns the thread that keeps the time calls no code of the host.
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

}  // namespace
}  // namespace cairn::tests
