#include <cairn/detail/counted.hpp>

#include <gtest/gtest.h>

namespace cairn {
namespace {

TEST(Counted, TellsOneInTheSingularAndAllElseInThePlural) {
  EXPECT_EQ(detail::counted(0, "step"), "0 steps");
  EXPECT_EQ(detail::counted(1, "step"), "1 step");
  EXPECT_EQ(detail::counted(2, "step"), "2 steps");
  EXPECT_EQ(detail::counted(1, "entry", "entries"), "1 entry");
  EXPECT_EQ(detail::counted(0, "entry", "entries"), "0 entries");
}

}  // namespace
}  // namespace cairn
