#include "storage/clocks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

// The arithmetic of clocks, which every store asks.
namespace cairn::testing {
namespace {

using namespace std::chrono_literals;
using storage::Clocks;
using storage::ClockState;
using storage::Leap;
using storage::Leaps;
using storage::Shift;

Leaps leaps(std::vector<Leap> all) {
  return Leaps{std::move(all)};
}

std::vector<Leap> all(const Leaps& leaps) {
  return {leaps.all().begin(), leaps.all().end()};
}

Leap plain(std::int64_t first, std::int64_t last, Duration moved) {
  return {first, last, moved, moved};
}

TEST(Leaps, MoveOnlyWhatTheirClocksHaveWritten) {
  Leaps moved;
  moved.add(3, 5, 10ms);
  EXPECT_EQ(moved.shift_of(2), Shift{});
  EXPECT_EQ(moved.shift_of(3), (Shift{10ms, 10ms, 0ms}));
  EXPECT_EQ(moved.shift_of(5).ends, 10ms);
  EXPECT_EQ(moved.shift_of(6), Shift{});
}

TEST(Leaps, ARangeIsSplitWhereOnlyAPartOfItMovesAgain) {
  Leaps moved = leaps({plain(2, 4, 10ms), plain(7, 8, -5ms)});
  moved.add(4, 10, 100ms);
  const std::vector<Leap> expected{plain(2, 3, 10ms), plain(4, 4, 110ms), plain(5, 6, 100ms),
                                   plain(7, 8, 95ms), plain(9, 10, 100ms)};
  EXPECT_EQ(all(moved), expected);
}

TEST(Leaps, WhatHasComeBackIsForgotten) {
  Leaps moved = leaps({plain(1, 1, 7ms)});
  moved.add(1, 2, -7ms);
  EXPECT_EQ(all(moved), (std::vector<Leap>{plain(2, 2, -7ms)}));
  moved.add(2, 3, 7ms);
  EXPECT_EQ(all(moved), (std::vector<Leap>{plain(3, 3, 7ms)}));
}

TEST(Leaps, NeighboursThatMovedAlikeAreOneRange) {
  Leaps moved = leaps({plain(1, 2, 5ms)});
  moved.add(3, 6, 5ms);
  EXPECT_EQ(all(moved), (std::vector<Leap>{plain(1, 6, 5ms)}));
  moved.add(2, 6, 0ms);
  EXPECT_EQ(all(moved), (std::vector<Leap>{plain(1, 6, 5ms)}));
}

TEST(Leaps, AWakeTimeMovesBackAlone) {
  EXPECT_EQ(leaps({plain(1, 1, 5ms)}).shift_of(1).wakes, 0ms);
  EXPECT_EQ(leaps({plain(1, 1, -5ms)}).shift_of(1).wakes, -5ms);
}

TEST(Leaps, AreFewSinceTheOldestTwoBecomeOne) {
  Leaps moved;
  const auto count = static_cast<std::int64_t>(Leaps::count_max);
  for (std::int64_t clock = 1; clock <= count; ++clock)
    moved.add(2 * clock, 2 * clock, clock % 2 * 1ms + 1ms);
  EXPECT_EQ(moved.all().size(), Leaps::count_max);
  moved.add(2 * count + 2, 2 * count + 2, 99ms);
  EXPECT_EQ(moved.all().size(), Leaps::count_max);
  EXPECT_EQ(moved.all().front(), (Leap{2, 4, 2ms, 0ms}));
  EXPECT_EQ(moved.all().back(), plain(2 * count + 2, 2 * count + 2, 99ms));
}

// Each different shift is a search of its own.
TEST(Leaps, HaveFewShiftsSinceTheTwoThatAreNearestBecomeOne) {
  for (const std::int64_t sign : {1, -1}) {
    Leaps moved;
    const auto count = static_cast<std::int64_t>(Leaps::shifts_max);
    for (std::int64_t number = 1; number <= count + 20; ++number) {
      const Duration by{sign * number * number};
      moved.add(2 * number, 2 * number, by);
      EXPECT_LE(moved.shifts(&Shift::ends).size(), Leaps::shifts_max + 1);
      EXPECT_LE(moved.shifts(&Shift::wakes).size(), Leaps::shifts_max + 1);
      for (std::int64_t clock = 2; clock <= 2 * number; clock += 2) {
        const Shift shift = moved.shift_of(clock);
        const Duration was{sign * (clock / 2) * (clock / 2)};
        EXPECT_GE(shift.ends, was);
        EXPECT_LE(shift.begins, was);
        EXPECT_LE(shift.wakes, std::min(was, 0ms));
        EXPECT_EQ(moved.shift_of(clock + 1), Shift{});
      }
      EXPECT_EQ(moved.shift_of(2 * number).ends, by) << "the nearest ones are old";
    }
  }
}

// A span may last longer than asked and never less, and nobody is woken too late, whichever of the two its
// clock was in, or between them.
TEST(Leaps, WhatBecameOneEndsNoSpanEarlyAndWakesNobodyLate) {
  for (const Duration one : {-20ms, -3ms, 4ms, 30ms}) {
    for (const Duration other : {-20ms, -3ms, 4ms, 30ms}) {
      Leaps before;
      before.add(1, 2, one);
      before.add(5, 6, other);
      Leaps after = before;
      std::int64_t clock_behind = 10;
      for (; after.all().size() < Leaps::count_max; clock_behind += 2)
        after.add(clock_behind, clock_behind, 1ms);
      after.add(clock_behind, clock_behind, 1ms);
      for (std::int64_t clock = 1; clock <= 6; ++clock) {
        const Shift was = before.shift_of(clock);
        const Shift is = after.shift_of(clock);
        EXPECT_GE(is.ends, was.ends) << clock;
        EXPECT_LE(is.begins, was.begins) << clock;
        EXPECT_LE(is.wakes, was.wakes) << clock;
      }
      EXPECT_EQ(after.shift_of(7), Shift{});
    }
  }
}

TEST(Leaps, StopAtTheEndsOfTime) {
  Leaps moved = leaps({plain(1, 1, Duration::max() - 1ms)});
  moved.add(1, 1, 5ms);
  EXPECT_EQ(moved.shift_of(1).ends, Duration::max());
  InstanceRow row{.expires = Time{1ms}};
  storage::move(row, moved.shift_of(1));
  EXPECT_EQ(row.expires, Time::max());
}

TEST(Leaps, TellWhichShiftsThereAre) {
  const Leaps moved = leaps({plain(1, 1, 5ms), plain(3, 3, -5ms), plain(5, 5, 7ms), plain(7, 7, -5ms)});
  EXPECT_EQ(moved.shifts(&Shift::ends), (std::vector<Duration>{0ms, 5ms, -5ms, 7ms}));
  EXPECT_EQ(moved.shifts(&Shift::wakes), (std::vector<Duration>{0ms, -5ms}));
}

TEST(Clocks, EachMoveBeginsAClockAndMovesAllOfThisOwner) {
  Clocks clocks{ClockState{.number = 4}};
  clocks.move({.by = 10ms}, {});
  EXPECT_EQ(clocks.number(), 5);
  clocks.move({.by = 1ms}, {});
  EXPECT_EQ(clocks.number(), 6);
  EXPECT_EQ(clocks.leaps().shift_of(3), Shift{});
  EXPECT_EQ(clocks.leaps().shift_of(4).ends, 11ms);
  EXPECT_EQ(clocks.leaps().shift_of(5).ends, 1ms);
  EXPECT_EQ(clocks.leaps().shift_of(6), Shift{});
}

TEST(Clocks, ADoubtTakesTheClocksBeforeAlong) {
  Clocks first{ClockState{.number = 4}};
  first.move({.doubtful = true}, Time{77ms});
  EXPECT_EQ(first.state().doubtful_since, 4);
  EXPECT_EQ(first.state().believed_until, Time{77ms});
  ClockState found = first.state();
  ++found.number;
  Clocks second{found};
  EXPECT_EQ(second.moves_from(), 4);
  second.move({.doubtful = true}, Time{99ms});
  EXPECT_EQ(second.state().believed_until, Time{77ms}) << "the doubt began there";
  second.move({.by = 10ms}, Time{99ms});
  EXPECT_FALSE(second.state().doubtful_since);
  EXPECT_EQ(second.leaps().shift_of(4).ends, 10ms);
  EXPECT_EQ(second.leaps().shift_of(3), Shift{});
}

// A device without a battery begins each of its lives in 1970, and is told the time. What it began by the
// right clock stands between leaps, however many there are.
TEST(Clocks, OfADeviceWithoutABatteryLeaveWhatBeganByTheRightClockAlone) {
  constexpr Duration since_1970 = 24h * 365 * 56;
  ClockState found;
  std::vector<std::int64_t> right;
  std::vector<std::int64_t> wrong;
  for (int life = 0; life < 400; ++life) {
    ++found.number;
    Clocks clocks{found};
    clocks.move({.doubtful = true}, {});
    wrong.push_back(clocks.number());
    clocks.move({.by = since_1970 + life * 1h}, {});
    right.push_back(clocks.number());
    found = clocks.state();
  }
  for (std::size_t life = 0; life < right.size(); ++life) {
    EXPECT_EQ(found.leaps.shift_of(right[life]), Shift{}) << "life " << life;
    const Shift moved = found.leaps.shift_of(wrong[life]);
    EXPECT_GE(moved.ends, since_1970 + life * 1h) << "life " << life;
    EXPECT_LE(moved.ends, since_1970 + 400h) << "life " << life;
  }
}

TEST(Clocks, WhatTheSameOwnerReadsAnewDoesNotChangeWhatIsItsOwn) {
  Clocks clocks{ClockState{.number = 4}};
  clocks.move({.doubtful = true}, {});
  clocks.move({.by = 5ms}, {});
  ClockState found = clocks.state();
  clocks.read_again(std::move(found));
  EXPECT_EQ(clocks.moves_from(), 4);
  EXPECT_EQ(clocks.number(), 6);
}

// Each change by its own clock, the last one as the group.
std::vector<Time> times_of(const std::vector<Change>& group, std::int64_t number) {
  std::vector<Time> times;
  storage::GroupTime time{group, number, Time{1'000ms}};
  for (const Change& change : group) {
    times.push_back(time.now());
    time.pass(change);
  }
  return times;
}

TEST(GroupTime, IsThatOfTheClockBeforeUntilTheClockMoves) {
  const std::vector<Change> group{Sweep{}, MoveClock{.by = 300ms}, Sweep{}, MoveClock{.by = -100ms}, Sweep{}};
  const std::vector<Time> expected{Time{800ms}, Time{800ms}, Time{1'100ms}, Time{1'100ms}, Time{1'000ms}};
  EXPECT_EQ(times_of(group, 4), expected);
}

TEST(GroupTime, IsNotMovedByWhatWasWrittenBefore) {
  const std::vector<Change> group{Sweep{}, MoveClock{.by = 300ms, .clock = 4}, Sweep{},
                                  MoveClock{.by = 50ms, .clock = 5}, MoveClock{.by = 50ms, .clock = 5}};
  const std::vector<Time> expected{Time{950ms}, Time{950ms}, Time{950ms}, Time{950ms}, Time{1'000ms}};
  EXPECT_EQ(times_of(group, 4), expected);
}

}  // namespace
}  // namespace cairn::testing
