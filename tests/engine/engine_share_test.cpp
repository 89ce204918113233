#include "tests/engine/engine_fixture.hpp"

// Workflow code that never waits, beside callers with threads of their own.
namespace cairn::tests {
namespace {

Task<void> without_end(Context& ctx) {
  for (int i = 0; i >= 0; i = (i + 1) % 100) co_await ctx.sleep("again", 0ms);
}

Task<int> overdue(Context& ctx, int ticks) {
  for (int i = 0; i < ticks; ++i) {
    const Time tick = ctx.created() + i * 1s;
    co_await ctx.sleep_until("tick", tick);
  }
  co_return ticks;
}

class ShareTest : public EngineTest, public ::testing::WithParamInterface<bool> {
 protected:
  [[nodiscard]] std::unique_ptr<Store> open() const { return GetParam() ? open_file() : open_memory(); }
};

INSTANTIATE_TEST_SUITE_P(Stores, ShareTest, ::testing::Bool(),
                         [](const auto& store) { return std::string{store.param ? "File" : "Memory"}; });

TEST_P(ShareTest, EveryCallReturnsBesideALoopThatNeverWaits) {
  Engine engine{open(), options()};
  auto loop = engine.define("loop", without_end);
  auto doubling = engine.define("twice", twice);
  engine.start();
  auto first = loop.create({.id = "first"});
  auto second = loop.create({.id = "second"});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(doubling.create({.params = i}).wait(), 2 * i);
  first.pause();
  EXPECT_EQ(first.status(), Status::paused);
  second.terminate();
  EXPECT_EQ(second.status(), Status::terminated);
  first.resume();
  EXPECT_EQ(doubling.create({.params = 3}).wait(), 6);
  EXPECT_TRUE(engine.stop(1min));
  EXPECT_FALSE(is_finished(first.status()));
}

TEST_P(ShareTest, WhatIsOverdueIsDoneWithoutAnybodyWaiting) {
  Engine engine{open(), options()};
  auto ticking = engine.define("overdue", overdue);
  engine.start();
  auto instance = ticking.create({.params = 5'000});
  clock->advance(24h);
  EXPECT_EQ(instance.wait(), 5'000);
}

TEST_P(ShareTest, ALoopEndsAtTheLimitOfOperations) {
  EngineOptions few = options();
  few.limits.operations = 1'000;
  Engine engine{open(), few};
  auto loop = engine.define("loop", without_end);
  engine.start();
  auto instance = loop.create({});
  try {
    instance.wait();
    ADD_FAILURE() << "it has ended well";
  } catch (const InstanceError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("limit of 1000 operations"));
  }
  EXPECT_EQ(instance.describe().steps.size(), 1'000U);
}

}  // namespace
}  // namespace cairn::tests
