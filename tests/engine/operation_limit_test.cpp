#include "tests/engine/shares.hpp"

#include <gmock/gmock.h>

// What one run may ask for at all.
namespace cairn::testing {
namespace {

using ::testing::HasSubstr;

engine::ConductorOptions few_operations(std::size_t operations) {
  engine::ConductorOptions options;
  options.limits.operations = operations;
  return options;
}

TEST(OperationLimit, CountsSleepsAsWell) {
  Harness h{few_operations(50)};
  h.begin();
  h.define("sleeps", shares::sleeps);
  const Key fine = h.create("sleeps", "", "50");
  EXPECT_EQ(h.output(fine), "50");
  const Key over = h.create("sleeps", "", "51");
  EXPECT_EQ(h.status(over), Status::errored);
  EXPECT_EQ(h.error(over).name, "WorkflowInternalError");
  EXPECT_THAT(h.error(over).message, HasSubstr("limit of 50 operations in one run"));
  EXPECT_EQ(h.history(over).steps.size(), 50U);
  h.expect_at_rest();
}

TEST(OperationLimit, IsCaughtByNoCode) {
  Harness h{few_operations(50)};
  h.begin();
  h.define("stubborn", [](Context& ctx, std::string how) -> Task<void> {
    for (int i = 0; i >= 0;) {
      try {
        if (how == "sleep") co_await ctx.sleep("nap", 0ms);
        if (how == "refused") co_await ctx.sleep("", 0ms);
        if (how == "step") co_await ctx.step("s", [] {});
      } catch (...) {
        i = 0;
      }
    }
  });
  for (const char* how : {"sleep", "refused", "step"}) {
    const Key key = h.create("stubborn", "", encode(std::string{how}));
    h.run_bodies();
    EXPECT_EQ(h.status(key), Status::errored) << how;
    EXPECT_THAT(h.error(key).message, HasSubstr("50 operations")) << how;
  }
  h.expect_at_rest();
}

TEST(OperationLimit, EndsARunOnceItsBodiesHaveReturned) {
  Harness h{few_operations(50)};
  h.begin();
  h.define("w", [](Context& ctx) -> Task<void> {
    co_await all(ctx.step("slow", {.timeout = 48h}, [] {}), shares::without_end(ctx));
  });
  const Key key = h.create("w");
  std::optional<detail::Ended> ended;
  h.watch(key, ended);
  EXPECT_EQ(h.status(key), Status::running);
  ASSERT_EQ(h.bodies().size(), 1U);
  EXPECT_TRUE(h.bodies().front().stop.stop_requested());
  h.move(1h);
  EXPECT_EQ(h.status(key), Status::running);
  h.run_body();
  EXPECT_EQ(h.status(key), Status::errored);
  EXPECT_TRUE(h.step(key, "slow-1").ended_seq) << "what the body did is recorded";
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->error.name, "WorkflowInternalError");
  h.expect_at_rest();
  EXPECT_EQ(h.conductor().residents(), 0U);
}

TEST(OperationLimit, RefusesNothingThatIsRecorded) {
  for (const bool steps : {false, true}) {
    engine::ConductorOptions options;
    (steps ? options.limits.steps : options.limits.operations) = 5;
    Harness before;
    before.begin();
    const auto code = [](Context& ctx) -> Task<int> {
      for (int i = 0; i < 20; ++i) co_await ctx.step("s", [] {});
      co_await ctx.sleep("nap", 1h);
      co_return 1;
    };
    before.define("w", code);
    const Key key = before.create("w");
    before.run_bodies();
    before.limit(options.limits);
    before.crash();
    before.move(1h);
    EXPECT_EQ(before.output(key), "1") << before.error(key).message;
    before.expect_at_rest();
  }
}

TEST(OperationLimit, LoweredBetweenTwoStartsEndsTheRunAtTheNextStepAndSaysSo) {
  Harness h;
  h.begin();
  h.define("w", [](Context& ctx) -> Task<int> {
    for (int i = 0; i < 20; ++i) co_await ctx.step("s", [] {});
    co_await ctx.wait_for_event("go", {.type = "go"});
    co_await ctx.step("one more", [] {});
    co_return 1;
  });
  const Key key = h.create("w");
  h.run_bodies();
  Limits fewer;
  fewer.steps = 10;
  h.limit(fewer);
  h.crash();
  EXPECT_EQ(h.status(key), Status::waiting) << "what is recorded counts as allowed";
  h.send(key, "go");
  h.run_bodies();
  EXPECT_EQ(h.status(key), Status::errored);
  EXPECT_THAT(h.error(key).message, HasSubstr("the limit of 10 steps in one run has been reached"));
  h.expect_at_rest();
}

TEST(OperationLimit, BeginsAnewWithARestart) {
  Harness h{few_operations(50)};
  h.begin();
  h.define("sleeps", shares::sleeps);
  const Key key = h.create("sleeps", "", "51");
  h.define("sleeps", [](Context& ctx, int) -> Task<int> { co_return co_await shares::sleeps(ctx, 50); });
  h.restart(key);
  EXPECT_EQ(h.output(key), "50");
}

}  // namespace
}  // namespace cairn::testing
