#include "api/connections/patience.hpp"

#include <gtest/gtest.h>

namespace cairn::api {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t second_of_bytes = std::size_t{64} << 10;
const Patience::Clock::time_point outset{1h};

TEST(Patience, EndsAfterItsSpanWhenNothingMovesHoweverMuchIsToMove) {
  Patience patience;
  patience.begin(30s, outset);
  EXPECT_EQ(patience.deadline(), outset + 30s);
  patience.moved(0, outset + 20s);
  EXPECT_EQ(patience.deadline(), outset + 30s);
}

TEST(Patience, GrowsByASecondForEach64KiB) {
  Patience patience;
  patience.begin(30s, outset);
  patience.moved(5 * second_of_bytes, outset + 10s);
  EXPECT_NEAR(std::chrono::duration<double>(patience.deadline() - outset).count(), 35, 0.01);
  patience.moved(15 * second_of_bytes, outset + 20s);
  EXPECT_NEAR(std::chrono::duration<double>(patience.deadline() - outset).count(), 45, 0.01);
}

TEST(Patience, IsNeverLongerThanItsSpanWhileNothingMoves) {
  Patience patience;
  patience.begin(30s, outset);
  patience.moved(1'000 * second_of_bytes, outset + 1s);
  EXPECT_EQ(patience.deadline(), outset + 31s) << "what came at once earns no rest of a quarter of an hour";
}

TEST(Patience, NeverEndsForWhoeverKeepsUp) {
  Patience patience;
  patience.begin(30s, outset);
  for (std::size_t second = 1; second <= 10'000; ++second) {
    const auto now = outset + std::chrono::seconds{second};
    ASSERT_LT(now, patience.deadline()) << second;
    patience.moved(second * (second_of_bytes + 100), now);
  }
}

TEST(Patience, EndsForWhoeverSendsAByteNowAndAgain) {
  Patience patience;
  patience.begin(30s, outset);
  for (std::size_t second = 1; second <= 29; ++second)
    patience.moved(second, outset + std::chrono::seconds{second});
  EXPECT_LT(patience.deadline(), outset + 31s);
}

TEST(Patience, BeginsAnewWithEachBodyAndAnswer) {
  Patience patience;
  patience.begin(30s, outset);
  patience.moved(1'000'000, outset + 1s);
  patience.begin(10s, outset + 2s);
  patience.moved(0, outset + 3s);
  EXPECT_EQ(patience.deadline(), outset + 12s);
}

}  // namespace
}  // namespace cairn::api
