#include "tests/engine/harness.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace cairn::testing {
namespace {

class Steps : public ConductorTest {
 protected:
  // Defines "w" as one step "s" that fails until its attempt number `succeeds`, and runs an instance of it.
  Key create_failing(const StepOptions& options, int succeeds = 1'000'000) {
    h.define("w", [options, succeeds](Context& ctx) -> Task<int> {
      auto body = [succeeds](StepContext& step) {
        if (step.attempt() < succeeds) throw std::runtime_error("attempt " + std::to_string(step.attempt()));
        return step.attempt();
      };
      co_return co_await ctx.step("s", options, body);
    });
    return h.create("w");
  }

  // When the attempts of "s" began, counted from the first.
  std::vector<Duration> starts(Key key) {
    const StepRow step = h.step(key, "s-1");
    std::vector<Duration> times;
    for (const Attempt& attempt : step.failures) times.push_back(attempt.started - step.started);
    const bool in_list = step.failures.size() == static_cast<std::size_t>(step.attempt);
    if (!in_list) times.push_back(step.attempt_started - step.started);
    return times;
  }
};

TEST_F(Steps, RecordItsResultOnce) {
  h.define("w", [](Context& ctx) -> Task<std::string> {
    std::string a = co_await ctx.step("a", [] { return std::string{"one"}; });
    std::string b = co_await ctx.step("b", [] { return std::string{"two"}; });
    co_return a + b;
  });
  const Key key = h.create("w", "order-1");
  h.run_body();
  EXPECT_EQ(h.step(key, "a-1").output, R"("one")");
  h.crash();
  h.run_bodies();
  EXPECT_EQ(h.status(key), Status::complete);
  EXPECT_EQ(h.output(key), R"("onetwo")");
  EXPECT_EQ(h.ran("order-1/a-1#1"), 1U);
  EXPECT_EQ(h.step(key, "a-1").attempt, 1);
}

TEST_F(Steps, RetryAfterAConstantDelay) {
  const Key key = create_failing({.retries = {.limit = 3, .delay = 7s, .backoff = Backoff::constant}});
  h.finish();
  EXPECT_EQ(h.status(key), Status::errored);
  EXPECT_EQ(starts(key), (std::vector<Duration>{0s, 7s, 14s, 21s}));
}

TEST_F(Steps, RetryAfterALinearDelay) {
  const Key key = create_failing({.retries = {.limit = 3, .delay = 7s, .backoff = Backoff::linear}});
  h.finish();
  EXPECT_EQ(starts(key), (std::vector<Duration>{0s, 7s, 21s, 42s}));
}

TEST_F(Steps, RetryAfterAnExponentialDelay) {
  const Key key = create_failing({.retries = {.limit = 4, .delay = 10s, .backoff = Backoff::exponential}});
  h.finish();
  EXPECT_EQ(starts(key), (std::vector<Duration>{0s, 10s, 30s, 70s, 150s}));
}

TEST_F(Steps, RetryAtOnceWithoutADelay) {
  const Key key = create_failing({.retries = {.limit = 3, .delay = 0s}}, 3);
  h.run_bodies();
  EXPECT_EQ(h.status(key), Status::complete);
  EXPECT_EQ(h.output(key), "3");
}

TEST_F(Steps, BeginNoAttemptBeforeItsTime) {
  const Key key = create_failing({.retries = {.limit = 1, .delay = 10s}}, 2);
  h.run_body();
  EXPECT_EQ(h.status(key), Status::waiting);
  h.move(9'999ms);
  EXPECT_TRUE(h.bodies().empty());
  h.move(1ms);
  ASSERT_EQ(h.bodies().size(), 1U);
  EXPECT_EQ(h.bodies().front().attempt, 2);
  h.run_body();
  EXPECT_EQ(h.output(key), "2");
}

TEST_F(Steps, KeepTheLastErrorWhenTheLimitIsReached) {
  const Key key = create_failing({.retries = {.limit = 2, .delay = 1s}});
  h.finish();
  const StepRow step = h.step(key, "s-1");
  EXPECT_EQ(step.attempt, 3);
  EXPECT_EQ(step.error, (ErrorRecord{"Error", "attempt 3"}));
  EXPECT_EQ(h.error(key), (ErrorRecord{"Error", "attempt 3"}));
  ASSERT_EQ(step.failures.size(), 2U);
  EXPECT_EQ(step.failures[0].error, (ErrorRecord{"Error", "attempt 1"}));
}

TEST_F(Steps, TryOnceWhenTheLimitIsZero) {
  const Key key = create_failing({.retries = {.limit = 0}});
  h.run_body();
  EXPECT_EQ(h.status(key), Status::errored);
  EXPECT_EQ(h.journal().size(), 1U);
}

TEST_F(Steps, EndAtOnceAtANonRetryableError) {
  h.define("w", [](Context& ctx) -> Task<std::string> {
    try {
      co_await ctx.step("s", [] { throw NonRetryableError("no such account", "AccountError"); });
    } catch (const StepError& error) {
      co_return error.name() + ": " + error.what();
    }
    co_return "no error";
  });
  const Key key = h.create("w");
  h.run_body();
  EXPECT_EQ(h.output(key), R"("AccountError: no such account")");
  EXPECT_EQ(h.step(key, "s-1").attempt, 1);
}

TEST_F(Steps, ReplayACaughtErrorWithoutRunningAgain) {
  h.define("w", [](Context& ctx) -> Task<std::string> {
    std::string caught;
    try {
      co_await ctx.step("s", [] { throw NonRetryableError("no"); });
    } catch (const StepError& error) {
      caught = error.what();
    }
    co_await ctx.sleep("pause", 1h);
    co_return caught;
  });
  const Key key = h.create("w", "order-1");
  h.run_body();
  h.crash();
  h.finish();
  EXPECT_EQ(h.output(key), R"("no")");
  EXPECT_EQ(h.ran("order-1/s-1#1"), 1U);
}

TEST_F(Steps, EndTheInstanceByWhatTheFunctionThrows) {
  h.define("w", [](Context& ctx) -> Task<void> {
    co_await ctx.step("s", [] {});
    throw std::runtime_error("the function threw");
  });
  const Key key = h.create("w");
  h.run_body();
  EXPECT_EQ(h.status(key), Status::errored);
  EXPECT_EQ(h.error(key), (ErrorRecord{"Error", "the function threw"}));
}

TEST_F(Steps, FailAnAttemptAtItsDeadlineButWaitForTheBody) {
  const Key key = create_failing({.retries = {.limit = 2, .delay = 1s}, .timeout = 5s}, 2);
  const Time began = h.now();
  h.move(5s);
  ASSERT_EQ(h.bodies().size(), 1U) << "the body has not returned: no other attempt";
  EXPECT_TRUE(h.bodies().front().stop.stop_requested());
  EXPECT_EQ(h.status(key), Status::running);
  h.move(55s);
  h.run_body();
  const StepRow step = h.step(key, "s-1");
  ASSERT_EQ(step.failures.size(), 1U);
  EXPECT_EQ(step.failures[0].ended, began + 5s);
  EXPECT_EQ(step.failures[0].error,
            (ErrorRecord{"WorkflowTimeoutError", "Execution timed out after 5000ms"}));
  ASSERT_EQ(h.bodies().size(), 1U) << "the delay counts from the deadline, and is over";
  EXPECT_EQ(h.bodies().front().attempt, 2);
  EXPECT_FALSE(h.bodies().front().stop.stop_requested());
  h.run_body();
  EXPECT_EQ(h.output(key), "2");
}

TEST_F(Steps, ThrowATimeoutErrorWhenTheLastAttemptTimesOut) {
  h.define("w", [](Context& ctx) -> Task<std::string> {
    try {
      co_await ctx.step("s", {.retries = {.limit = 0}, .timeout = 5s}, [] {});
    } catch (const TimeoutError& error) {
      co_return error.what();
    }
    co_return "no error";
  });
  const Key key = h.create("w");
  h.move(5s);
  h.run_body();
  EXPECT_EQ(h.output(key), R"("Execution timed out after 5000ms")");
}

TEST_F(Steps, RefuseAResultThatIsTooLargeForGood) {
  h.define("w", [](Context& ctx) -> Task<std::string> {
    co_return co_await ctx.step("s", [] { return std::string(std::size_t{2} << 20, 'x'); });
  });
  const Key key = h.create("w");
  h.run_body();
  EXPECT_EQ(h.status(key), Status::errored);
  EXPECT_EQ(h.error(key).name, "WorkflowInternalError");
  EXPECT_THAT(h.error(key).message, ::testing::HasSubstr("Step s-1 output is too large"));
  EXPECT_EQ(h.step(key, "s-1").output, "");
}

TEST_F(Steps, RefuseAnOutputThatIsTooLarge) {
  h.define("w", [](Context& ctx) -> Task<std::string> {
    co_await ctx.step("s", [] {});
    co_return std::string(std::size_t{2} << 20, 'x');
  });
  const Key key = h.create("w");
  h.run_body();
  EXPECT_EQ(h.status(key), Status::errored);
  EXPECT_THAT(h.error(key).message, ::testing::HasSubstr("the output is too large"));
  EXPECT_THAT(h.error(key).message, ::testing::HasSubstr("(instance \""));
}

TEST_F(Steps, TakeNamesByTheRulesAlone) {
  h.define("w", [](Context& ctx, std::string name) -> Task<int> {
    co_return co_await ctx.step(name, [] { return 1; });
  });
  const auto run = [&](const std::string& name) {
    const Key key = h.create("w", "", encode(name));
    h.run_bodies();
    return h.status(key);
  };
  EXPECT_EQ(run("charge card"), Status::complete);
  EXPECT_EQ(run(std::string(256, 'x')), Status::complete);
  EXPECT_EQ(run(std::string(257, 'x')), Status::errored);
  EXPECT_EQ(run("a\nb"), Status::errored);
}

TEST_F(Steps, RefuseOptionsThatBreakARule) {
  h.define("w", [](Context& ctx, int which) -> Task<int> {
    StepOptions options;
    if (which == 1) options.timeout = 0ms;
    if (which == 2) options.retries.delay = -1ms;
    if (which == 3) options.retries.limit = 10'001;
    if (which == 4) options.timeout = std::chrono::hours{24 * 3'651};
    if (which == 5) options.retries.limit = 10'000;
    co_return co_await ctx.step("s", options, [] { return 1; });
  });
  for (int which = 1; which <= 4; ++which) {
    const Key key = h.create("w", "", std::to_string(which));
    EXPECT_EQ(h.status(key), Status::errored) << which;
    EXPECT_THAT(h.error(key).message, ::testing::HasSubstr("step \"s\": ")) << which;
  }
  const Key fine = h.create("w", "", "5");
  h.run_bodies();
  EXPECT_EQ(h.status(fine), Status::complete);
}

TEST_F(Steps, GiveEachUseOfANameItsOwnRecord) {
  h.define("w", [](Context& ctx) -> Task<std::string> {
    std::string all;
    for (int i = 0; i < 3; ++i) {
      int value = co_await ctx.step("same", [i] { return 10 * i; });
      all += std::to_string(value) + " ";
    }
    co_await ctx.sleep("same", 1s);
    co_return all;
  });
  const Key key = h.create("w");
  h.run_bodies();
  h.crash();
  h.finish();
  EXPECT_EQ(h.output(key), R"("0 10 20 ")");
  EXPECT_EQ(h.step(key, "same-3").output, "20");
  EXPECT_EQ(h.journal().size(), 3U);
}

TEST_F(Steps, KeepTheConfigurationThatWasSeenFirst) {
  create_failing({.retries = {.limit = 1, .delay = 10s}});
  const Key key = h.create("w", "order-1");
  h.run_bodies();
  create_failing({.retries = {.limit = 5, .delay = 1h}});
  h.crash();
  h.finish();
  EXPECT_EQ(h.status(key), Status::errored);
  EXPECT_EQ(starts(key), (std::vector<Duration>{0s, 10s}));
}

TEST(StepLimit, CountsStepsAndWaitsButNoSleeps) {
  engine::ConductorOptions options;
  options.limits.steps = 3;
  Harness h{options};
  h.define("w", [](Context& ctx, int steps) -> Task<int> {
    for (int i = 0; i < 5; ++i) co_await ctx.sleep("nap", 0ms);
    for (int i = 0; i < steps; ++i) co_await ctx.step("s", [] {});
    co_return steps;
  });
  h.begin();
  const Key fine = h.create("w", "", "3");
  const Key over = h.create("w", "", "4");
  h.run_bodies();
  EXPECT_EQ(h.status(fine), Status::complete);
  EXPECT_EQ(h.status(over), Status::errored);
  EXPECT_THAT(h.error(over).message, ::testing::HasSubstr("limit of 3 steps"));
  h.expect_at_rest();
}

}  // namespace
}  // namespace cairn::testing
