#include "tests/check/damaged_file.hpp"

#include <gtest/gtest.h>

// What is no damage where the wall clock was set: rules look at times as they have moved.
namespace cairn::testing {
namespace {

// The clock 3 has written it all; the present one is 9.
constexpr const char* written_by_clock_3 =
    "UPDATE owner SET clock = 9; UPDATE instance SET clock = 3; UPDATE step SET clock = 3;";

TEST(ClockRules, WhatHasMovedBackTogetherIsWokenInTime) {
  DamagedFile file;
  file.damage(std::string{written_by_clock_3} + "INSERT INTO leap VALUES (1, 4, -1000, -1000)");
  EXPECT_TRUE(file.check().sound()) << text(file.check());
}

TEST(ClockRules, ASpanThatHasMovedForwardIsWokenWhereItWas) {
  DamagedFile file;
  file.damage(std::string{written_by_clock_3} + "INSERT INTO leap VALUES (1, 4, 1000, 1000)");
  EXPECT_TRUE(file.check().sound()) << text(file.check());
}

TEST(ClockRules, ARangeThatWasJoinedWakesByTheLeastOfBoth) {
  DamagedFile file;
  file.damage(std::string{written_by_clock_3} + "INSERT INTO leap VALUES (1, 4, 1000, -1000)");
  EXPECT_TRUE(file.check().sound()) << text(file.check());
}

TEST(ClockRules, AWakeTimeThatHasMovedBackAnswersAnEvent) {
  const std::string event =
      "INSERT INTO event SELECT 900, step.id >> 24, event_type, '1', (SELECT last_time FROM owner) FROM step "
      "JOIN instance ON key = step.id >> 24 WHERE status = 7 AND kind = 2 AND ended_seq IS NULL LIMIT 1;"
      "UPDATE instance SET buffered = buffered + 1 WHERE key = (SELECT instance FROM event WHERE event = 900);";
  DamagedFile late;
  late.damage(event);
  EXPECT_TRUE(finds(late.check(), "delivered")) << text(late.check());
  DamagedFile moved;
  moved.damage(written_by_clock_3 + event + "INSERT INTO leap VALUES (3, 3, -1000000000, -1000000000)");
  EXPECT_FALSE(finds(moved.check(), "delivered")) << text(moved.check());
}

TEST(ClockRules, ADoubtThatIsWholeIsNone) {
  DamagedFile file;
  file.damage("UPDATE owner SET clock = 9, doubtful_since = 4, believed_until = 1");
  EXPECT_TRUE(file.check().sound()) << text(file.check());
}

}  // namespace
}  // namespace cairn::testing
