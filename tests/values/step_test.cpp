#include <cairn/step.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <type_traits>

namespace cairn {
namespace {

TEST(StepKind, NumbersAreThoseOfTheFileFormat) {
  EXPECT_EQ(static_cast<int>(StepKind::step), 0);
  EXPECT_EQ(static_cast<int>(StepKind::sleep), 1);
  EXPECT_EQ(static_cast<int>(StepKind::wait_for_event), 2);
}

TEST(StepKind, WordsAreThoseOfTheWire) {
  EXPECT_EQ(to_string(StepKind::step), "step");
  EXPECT_EQ(to_string(StepKind::sleep), "sleep");
  EXPECT_EQ(to_string(StepKind::wait_for_event), "waitForEvent");
  EXPECT_EQ(to_string(static_cast<StepKind>(3)), "unknown");
}

TEST(Backoff, HasTheWordsOfTheConfiguration) {
  EXPECT_EQ(to_string(Backoff::constant), "constant");
  EXPECT_EQ(to_string(Backoff::linear), "linear");
  EXPECT_EQ(to_string(Backoff::exponential), "exponential");
  EXPECT_EQ(to_string(static_cast<Backoff>(3)), "unknown");
}

TEST(StepOptions, DefaultsAreThoseOfTheDocumentation) {
  const StepOptions options;
  EXPECT_EQ(options.retries.limit, 5U);
  EXPECT_EQ(options.retries.delay, std::chrono::seconds{10});
  EXPECT_EQ(options.retries.backoff, Backoff::exponential);
  EXPECT_EQ(options.timeout, std::chrono::minutes{10});
  EXPECT_EQ(options.crash_limit, 10U);
}

// GCC 12 destroys other aggregates twice when they stand in a co_await expression.
static_assert(std::is_aggregate_v<StepOptions> && std::is_trivially_destructible_v<StepOptions>);

}  // namespace
}  // namespace cairn
