#include "tests/engine/harness.hpp"

#include <stdexcept>

namespace cairn::testing {
namespace {

constexpr Time noon{36h};

class Paused : public ConductorTest {};

Task<int> one_step(Context& ctx) {
  co_return co_await ctx.step("s", {.retries = {.limit = 3, .delay = 10s, .backoff = Backoff::constant}},
                              [](StepContext& step) {
                                if (step.attempt() == 1) throw std::runtime_error("once");
                                return step.attempt();
                              });
}

TEST_F(Paused, TimeIsAddedToASleep) {
  h.define("w", [](Context& ctx) -> Task<int> {
    co_await ctx.sleep("nap", 1h);
    co_return 1;
  });
  const Key key = h.create("w");
  h.move(30min);
  h.pause(key);
  h.move(5h);
  h.resume(key);
  EXPECT_EQ(h.status(key), Status::waiting);
  h.move(30min - 1ms);
  EXPECT_EQ(h.status(key), Status::waiting);
  h.move(1ms);
  EXPECT_EQ(h.status(key), Status::complete);
}

TEST_F(Paused, TimeIsAddedTwiceForTwoPauses) {
  h.define("w", [](Context& ctx) -> Task<int> {
    co_await ctx.sleep("nap", 1h);
    co_await ctx.sleep("another", 1h);
    co_return 1;
  });
  const Key key = h.create("w");
  for (int i = 0; i < 2; ++i) {
    h.move(20min);
    h.pause(key);
    h.move(5h);
    h.resume(key);
  }
  h.move(20min - 1ms);
  EXPECT_EQ(h.history(key).steps.size(), 1U);
  h.move(1ms);
  ASSERT_EQ(h.history(key).steps.size(), 2U) << "the second sleep begins";
  h.crash();
  h.move(1h - 1ms);
  EXPECT_EQ(h.status(key), Status::waiting) << "pauses before its start do not count";
  h.move(1ms);
  EXPECT_EQ(h.status(key), Status::complete);
}

TEST_F(Paused, TimeIsNotAddedToASleepUntil) {
  h.define("w", [](Context& ctx) -> Task<int> {
    co_await ctx.sleep_until("noon", noon);
    co_return 1;
  });
  const Key key = h.create("w");
  h.pause(key);
  h.move(6h);
  h.resume(key);
  h.move_to(noon - 1ms);
  EXPECT_EQ(h.status(key), Status::waiting);
  h.move(1ms);
  EXPECT_EQ(h.status(key), Status::complete);
}

TEST_F(Paused, TimeIsAddedToARetryDelay) {
  h.define("w", one_step);
  const Key key = h.create("w");
  h.run_body();
  h.move(4s);
  h.pause(key);
  h.move(1h);
  EXPECT_TRUE(h.bodies().empty());
  h.resume(key);
  h.move(6s - 1ms);
  EXPECT_TRUE(h.bodies().empty());
  h.move(1ms);
  ASSERT_EQ(h.bodies().size(), 1U);
  h.run_bodies();
  EXPECT_EQ(h.output(key), "2");
}

TEST_F(Paused, TimeIsAddedToATimeout) {
  h.define("w", [](Context& ctx) -> Task<int> {
    try {
      co_await ctx.wait_for_event("wait", {.type = "go", .timeout = 10s});
    } catch (const TimeoutError&) {
      co_return 1;
    }
    co_return 2;
  });
  const Key key = h.create("w");
  h.move(4s);
  h.pause(key);
  h.move(1h);
  h.resume(key);
  h.move(6s - 1ms);
  EXPECT_EQ(h.status(key), Status::waiting);
  h.move(1ms);
  EXPECT_EQ(h.output(key), "1");
}

TEST_F(Paused, InstanceLetsItsBodyReturn) {
  h.define("w", one_step);
  const Key key = h.create("w");
  h.pause(key);
  EXPECT_EQ(h.status(key), Status::waiting_for_pause);
  h.run_body();
  EXPECT_EQ(h.status(key), Status::paused);
  EXPECT_EQ(h.step(key, "s-1").failures.size(), 1U);
}

TEST_F(Paused, InstanceWaitsForEveryBody) {
  h.define("w", [](Context& ctx) -> Task<int> {
    auto [a, b] = co_await all(ctx.step("a", [] { return 1; }), ctx.step("b", [] { return 2; }));
    int c = co_await ctx.step("c", [] { return 3; });
    co_return a + b + c;
  });
  const Key key = h.create("w", "it");
  h.pause(key);
  h.run_body("b-1");
  EXPECT_EQ(h.status(key), Status::waiting_for_pause);
  h.run_body("a-1");
  EXPECT_EQ(h.status(key), Status::paused);
  EXPECT_TRUE(h.bodies().empty());
  h.resume(key);
  ASSERT_EQ(h.bodies().size(), 1U);
  EXPECT_EQ(h.bodies().front().step(), "c-1");
  h.run_bodies();
  EXPECT_EQ(h.output(key), "6");
  EXPECT_EQ(h.ran("it/a-1#1"), 1U);
}

TEST_F(Paused, InstanceThatIsResumedWhileItsBodyRunsGoesOnAfterIt) {
  h.define("w", [](Context& ctx) -> Task<int> {
    int a = co_await ctx.step("a", [] { return 1; });
    int b = co_await ctx.step("b", [] { return 2; });
    co_return a + b;
  });
  const Key key = h.create("w", "it");
  h.pause(key);
  h.resume(key);
  EXPECT_EQ(h.status(key), Status::running);
  ASSERT_EQ(h.bodies().size(), 1U);
  h.run_body();
  ASSERT_EQ(h.bodies().size(), 1U);
  EXPECT_EQ(h.bodies().front().step(), "b-1");
  h.run_bodies();
  EXPECT_EQ(h.output(key), "3");
  EXPECT_EQ(h.ran("it/a-1#1"), 1U);
}

TEST_F(Paused, TimeThatIsOverWhenABodyFailsDoesNotDelayItsRetry) {
  h.define("w", one_step);
  const Key key = h.create("w");
  h.pause(key);
  h.move(1h);
  h.resume(key);
  h.run_body();
  h.move(10s);
  EXPECT_EQ(h.bodies().size(), 1U) << "the pause ended before the retry's delay began";
  h.run_bodies();
}

TEST_F(Paused, TimeBeforeABodyFailsDoesNotDelayItsRetry) {
  h.define("w", one_step);
  const Key key = h.create("w");
  h.pause(key);
  h.move(1h);
  h.run_body();
  EXPECT_EQ(h.status(key), Status::paused);
  h.move(1h);
  h.resume(key);
  h.move(10s - 1ms);
  EXPECT_TRUE(h.bodies().empty());
  h.move(1ms);
  EXPECT_EQ(h.bodies().size(), 1U) << "of the pause, only what followed the failure counts";
  h.run_bodies();
}

TEST_F(Paused, InstanceStaysPausedOverACrash) {
  h.define("w", one_step);
  const Key key = h.create("w");
  h.run_body();
  h.pause(key);
  h.crash();
  h.move(1h);
  EXPECT_EQ(h.status(key), Status::paused);
  h.resume(key);
  h.move(10s);
  h.run_bodies();
  EXPECT_EQ(h.output(key), "2");
}

TEST_F(Paused, IsWhatAWaitForPauseBecomesAtACrash) {
  h.define("w", [](Context& ctx) -> Task<int> { co_return co_await ctx.step("s", [] { return 1; }); });
  const Key key = h.create("w");
  h.pause(key);
  h.crash();
  EXPECT_EQ(h.status(key), Status::paused);
  EXPECT_TRUE(h.bodies().empty());
  h.resume(key);
  h.run_bodies();
  EXPECT_EQ(h.output(key), "1");
  EXPECT_EQ(h.step(key, "s-1").crashes, 1);
}

TEST_F(Paused, InstanceHoldsNoSlot) {
  Harness one{{.concurrency = 1}};
  one.begin();
  one.define("w", one_step);
  const Key first = one.create("w");
  const Key second = one.create("w");
  one.pause(first);
  EXPECT_EQ(one.status(second), Status::queued);
  one.run_body(first);
  EXPECT_EQ(one.status(first), Status::paused);
  EXPECT_EQ(one.status(second), Status::running);
  one.finish();
  one.expect_at_rest();
}

}  // namespace
}  // namespace cairn::testing
