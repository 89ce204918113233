#include "engine/instance/retry.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace cairn::engine {
namespace {

using namespace std::chrono_literals;

TEST(RetryDelay, NeverShrinksAndNeverPassesTheLongestDurationHoweverOftenAStepFails) {
  for (const Backoff backoff : {Backoff::constant, Backoff::linear, Backoff::exponential}) {
    for (const Duration delay : {Duration{0}, Duration{1}, Duration{10s}, duration_max}) {
      Duration before{0};
      for (std::int32_t failure = 1; failure < 500; ++failure) {
        const Duration now = retry_delay({.limit = 1'000, .delay = delay, .backoff = backoff}, failure);
        ASSERT_GE(now, before) << "failure " << failure;
        ASSERT_LE(now, duration_max) << "failure " << failure;
        before = now;
      }
    }
  }
  const RetryOptions doubling{.limit = 1'000, .delay = 1s, .backoff = Backoff::exponential};
  EXPECT_EQ(retry_delay(doubling, std::numeric_limits<std::int32_t>::max()), duration_max);
}

TEST(RetryDelay, DoublesOrAddsWithEveryFailure) {
  const RetryOptions doubling{.limit = 9, .delay = 3s, .backoff = Backoff::exponential};
  const RetryOptions adding{.limit = 9, .delay = 3s, .backoff = Backoff::linear};
  EXPECT_EQ(retry_delay(doubling, 1), 3s);
  EXPECT_EQ(retry_delay(doubling, 4), 24s);
  EXPECT_EQ(retry_delay(adding, 1), 3s);
  EXPECT_EQ(retry_delay(adding, 4), 12s);
}

}  // namespace
}  // namespace cairn::engine
