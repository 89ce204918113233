#include "engine/clock_guard.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace cairn::engine {
namespace {

using namespace std::chrono_literals;

constexpr Time midday{480'012h};  // 2024-10-04T12:00Z
constexpr Duration year = 24h * 365;

Ownership written_at(Time last_time) {
  return {.epoch = 2, .last_time = last_time};
}

std::string objection_at_start(Time now, const Ownership& before, Time earliest = Time::min()) {
  ClockGuard guard{{now, 1h}, before, earliest, year};
  EXPECT_EQ(guard.check({now, 1h}), !guard.objection({now, 1h}));
  return guard.objection({now, 1h}).value_or("none");
}

TEST(ClockGuard, SaysWhatItObjectsToAtTheStart) {
  EXPECT_EQ(objection_at_start(midday, written_at(midday - 1h)), "none");
  EXPECT_EQ(objection_at_start(midday, {}), "none") << "a new file";
  EXPECT_EQ(objection_at_start(midday - 5min, written_at(midday)), "none") << "a correction";
  EXPECT_EQ(objection_at_start(midday - 6min, written_at(midday)),
            "the wall clock stood at 2024-10-04T11:54:00.000Z at the start, before "
            "2024-10-04T12:00:00.000Z, the time of the last write");
  EXPECT_EQ(objection_at_start(midday + year + 1s, written_at(midday)),
            "the wall clock stood at 2025-10-04T12:00:01.000Z at the start, more than 365 days after "
            "2024-10-04T12:00:00.000Z, the time of the last write");
  EXPECT_EQ(objection_at_start(midday - 1s, {}, midday),
            "the wall clock stood at 2024-10-04T11:59:59.000Z at the start, before "
            "2024-10-04T12:00:00.000Z, the earliest that it can show");
}

TEST(ClockGuard, SaysByHowMuchTheClockWasSetUntilItIsConfirmed) {
  ClockGuard guard{{midday, 1h}, written_at(midday), Time::min(), year};
  const ClockReading set{midday - 4h, 2h};
  EXPECT_EQ(guard.objection(set).value_or("none"),
            "the wall clock was set 5 hours back while the engine ran, to 2024-10-04T08:00:00.000Z");
  EXPECT_FALSE(guard.check({midday + 1h, 2h})) << "there and back is no proof";
  guard.confirm(set);
  EXPECT_TRUE(guard.check(set));
  EXPECT_EQ(guard.objection({midday - 2h, 3h}).value_or("none"),
            "the wall clock was set 1 hour ahead while the engine ran, to 2024-10-04T10:00:00.000Z");
}

TEST(ClockGuard, SeesNothingInAStaleReading) {
  ClockGuard guard{{midday, 1h}, written_at(midday), Time::min(), year};
  EXPECT_TRUE(guard.check({midday + 10h, 2h, true}));
  EXPECT_TRUE(guard.check({midday + 1h, 2h}));
}

}  // namespace
}  // namespace cairn::engine
