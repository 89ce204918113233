#include "cli/columns.hpp"

#include <gtest/gtest.h>

namespace cairn::cli {
namespace {

using namespace std::chrono_literals;

TEST(Columns, AreAsWideAsWhatStandsInThemAndEndWithoutBlanks) {
  Columns columns{{"A", "LONG", "END"}};
  columns.add({"wider", "x", "y"});
  EXPECT_EQ(columns.text(), "A      LONG  END\nwider  x     y\n");
}

TEST(Age, TakesTheLargestUnitOfWhichThereAreTwo) {
  EXPECT_EQ(age(0ms), "0s");
  EXPECT_EQ(age(119s), "119s");
  EXPECT_EQ(age(120s), "2m");
  EXPECT_EQ(age(119min), "119m");
  EXPECT_EQ(age(47h), "47h");
  EXPECT_EQ(age(48h), "2d");
  EXPECT_EQ(age(24h * 729), "729d");
  EXPECT_EQ(age(24h * 730), "2y");
}

TEST(Age, OfWhatLiesInTheFutureIsZeroAndNeverOverflows) {
  EXPECT_EQ(age(-5h), "0s");
  EXPECT_EQ(age(Duration::max()), "999y");
}

}  // namespace
}  // namespace cairn::cli
