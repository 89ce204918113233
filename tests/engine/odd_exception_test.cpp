#include "tests/engine/harness.hpp"
#include "tests/odd_exceptions.hpp"

#include <gtest/gtest.h>

// Bodies, workflow code and codecs that throw what nobody expects: it is their instance's error, short and in
// UTF-8, and nobody else's trouble.
namespace cairn::testing {
namespace {

constexpr StepOptions once{.retries = {.limit = 0}};

class OddThrow : public ::testing::TestWithParam<OddException> {
 protected:
  void SetUp() override {
    h.begin();
    h.define("healthy", [](Context& ctx) -> Task<int> {
      int one = co_await ctx.step("one", [] { return 1; });
      co_return one;
    });
  }

  // Whatever one instance has thrown: the others go on, in this life and in the next.
  void TearDown() override {
    for (int life = 0; life < 2; ++life) {
      const Key key = h.create("healthy");
      h.run_bodies();
      EXPECT_EQ(h.status(key), Status::complete);
      h.expect_at_rest();
      h.crash();
    }
  }

  // How an instance of that workflow ends.
  ErrorRecord end_of(const std::string& workflow) {
    const Key key = h.create(workflow);
    h.finish();
    EXPECT_EQ(h.status(key), Status::errored);
    const History history = h.history(key);
    for (const StepRow& step : history.steps) {
      for (const Attempt& failure : step.failures) EXPECT_EQ(failure.error, GetParam().recorded);
    }
    return h.error(key);
  }

  void (*const raise)() = GetParam().raise;
  Harness h;
};

TEST_P(OddThrow, OutOfABodyIsItsStepsErrorAfterEachAttempt) {
  h.define("w", [raise = raise](Context& ctx) -> Task<void> {
    co_await ctx.step("s", {.retries = {.limit = 2}}, raise);
  });
  EXPECT_EQ(end_of("w"), GetParam().recorded);
  EXPECT_EQ(h.ran("i-1/s-1#3"), GetParam().retryable ? 1U : 0U);
}

TEST_P(OddThrow, OutOfWorkflowCodeIsItsInstancesError) {
  h.define("w", [raise = raise](Context& ctx) -> Task<void> {
    co_await ctx.step("s", [] {});
    raise();
  });
  EXPECT_EQ(end_of("w"), GetParam().recorded);
}

TEST_P(OddThrow, BeforeTheFirstStepAsWell) {
  h.define("w", [raise = raise](Context&) -> Task<void> {
    raise();
    co_return;
  });
  EXPECT_EQ(end_of("w"), GetParam().recorded);
}

Task<void> branch(Context& ctx, std::string name, void (*raise)()) {
  co_await ctx.step(name, [] {});
  if (raise != nullptr) raise();
}

TEST_P(OddThrow, PassesThroughTasksAndBranches) {
  h.define("w", [raise = raise](Context& ctx) -> Task<void> {
    std::vector<Task<void>> branches;
    for (const bool odd : {true, false, true})
      branches.push_back(branch(ctx, odd ? "odd" : "even", odd ? raise : nullptr));
    co_await all(std::move(branches));
  });
  EXPECT_EQ(end_of("w"), GetParam().recorded);
}

// What a body has thrown comes to workflow code as its record, which is a text like any other there.
TEST_P(OddThrow, MayBeShownByTheCodeThatCatchesIt) {
  h.define("w", [raise = raise](Context& ctx) -> Task<std::string> {
    std::string shown;
    try {
      co_await ctx.step("s", once, raise);
    } catch (const StepError& error) {
      shown = error.name() + ": " + error.what();
    }
    co_return shown;
  });
  const Key key = h.create("w");
  h.finish();
  EXPECT_EQ(h.status(key), Status::complete) << h.error(key).message;
  EXPECT_EQ(h.output(key), encode(GetParam().recorded.name + ": " + GetParam().recorded.message));
}

TEST_P(OddThrow, OutOfTheCodecOfAResultFailsTheAttempt) {
  h.define("w", [](Context& ctx) -> Task<void> {
    OddValue value = co_await ctx.step("s", once, [] { return OddValue{1}; });
    static_cast<void>(value);
  });
  for (const auto direction : {OddCodec::encoding, OddCodec::decoding}) {
    const OddCodec codec{direction, GetParam()};
    const Key key = h.create("w");
    h.finish();
    EXPECT_EQ(h.status(key), Status::errored);
    EXPECT_TRUE(is_recordable(h.error(key).message));
  }
}

TEST_P(OddThrow, OutOfTheCodecOfAnOutputIsTheInstancesError) {
  h.define("w", [](Context&) -> Task<OddValue> { co_return OddValue{1}; });
  const OddCodec codec{OddCodec::encoding, GetParam()};
  const Key key = h.create("w");
  h.finish();
  EXPECT_EQ(h.status(key), Status::errored);
  EXPECT_TRUE(is_recordable(h.error(key).message));
}

TEST_P(OddThrow, OutOfTheCodecOfParamsParksTheInstance) {
  h.define("w", [](Context&, OddValue) -> Task<void> { co_return; });
  const OddCodec codec{OddCodec::decoding, GetParam()};
  const Key key = h.create("w", "", "1");
  h.finish();
  EXPECT_EQ(h.status(key), GetParam().lacks_memory ? Status::errored : Status::paused);
  EXPECT_TRUE(is_recordable(h.error(key).message));
}

// A local object whose destructor raises.
struct Trap {
  void (*raise)();
  explicit Trap(void (*odd)()) : raise(odd) {}
  Trap(const Trap&) = delete;
  Trap& operator=(const Trap&) = delete;
  ~Trap() noexcept(false) {
    if (raise != nullptr) raise();
  }
};

Task<void> wait_with_trap(Context& ctx, void (*raise)()) {
  Trap local{raise};
  co_await ctx.wait_for_event("wait", {.type = "go"});
  local.raise = nullptr;
}

TEST_P(OddThrow, OutOfDestructorsIsDroppedWhenFramesAre) {
  h.define("w", [raise = raise](Context& ctx) -> Task<void> {
    Trap outer{raise};
    co_await wait_with_trap(ctx, raise);
    outer.raise = nullptr;
  });
  const Key evicted = h.create("w");
  EXPECT_EQ(h.status(evicted), Status::waiting);
  h.move(1min);
  EXPECT_EQ(h.conductor().residents(), 0U);
  const Key terminated = h.create("w");
  h.terminate(terminated);
  h.expect_at_rest();
}

TEST_P(OddThrow, OutOfADestructorIsTheInstancesErrorWhenItsCodeHasEnded) {
  h.define("w", [raise = raise](Context& ctx) -> Task<void> {
    Trap local{raise};
    co_await ctx.step("s", [] {});
  });
  EXPECT_EQ(end_of("w"), GetParam().recorded);
}

INSTANTIATE_TEST_SUITE_P(Odd, OddThrow, ::testing::ValuesIn(odd_exceptions()),
                         odd_name<::testing::TestParamInfo<OddException>>);

}  // namespace
}  // namespace cairn::testing
