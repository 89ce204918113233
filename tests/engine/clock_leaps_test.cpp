#include "engine/conductor/clock_leaps.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace cairn::engine {

// For messages of tests.
static std::string text(const std::optional<MoveClock>& move) {
  if (!move) return "nothing";
  return std::to_string(move->by / std::chrono::seconds{1}) + " s" + (move->doubtful ? ", in doubt" : "") +
         ", clock " + std::to_string(move->clock);
}

namespace {

using namespace std::chrono_literals;

constexpr Time noon{480'012h};  // of a day in 2024
constexpr Time in_1995{219'150h};

Ownership after(Time last_time) {
  return {.epoch = 2, .last_time = last_time, .clock = 7};
}

Ownership in_doubt(Time last_time, Time believed_until) {
  Ownership before = after(last_time);
  before.clock_doubtful = true;
  before.believed_until = believed_until;
  return before;
}

/// A clock that is looked at from time to time.
struct Watched {
  ClockReading reading;
  ClockLeaps leaps;

  explicit Watched(const Ownership& before, Time now, Time earliest = Time::min())
      : reading{now, 100h}, leaps(before, reading, earliest) {}
  std::string look() { return text(leaps.look(reading)); }
  std::string pass(Duration span) {
    reading.now += span;
    reading.uptime += span;
    return look();
  }
  std::string set(Duration by) {
    reading.now += by;
    return look();
  }
};

TEST(ClockLeaps, TellEachLeapOnceAndBySoMuch) {
  Watched clock{after(noon - 1h), noon};
  EXPECT_EQ(clock.look(), "nothing");
  EXPECT_EQ(clock.pass(72h), "nothing") << "time passes";
  EXPECT_EQ(clock.set(2h), "7200 s, clock 8");
  EXPECT_EQ(clock.look(), "nothing");
  EXPECT_EQ(clock.set(24h), "86400 s, clock 9");
}

TEST(ClockLeaps, AreNoneWhereTheClockIsCorrectedByMinutes) {
  Watched clock{after(noon - 1h), noon};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(clock.set(5min), "nothing");
  EXPECT_EQ(clock.set(-5min), "nothing");
  EXPECT_EQ(clock.set(5min + 1ms), "300 s, clock 8");
}

TEST(ClockLeaps, BackAreInDoubtUntilTheTimeBeforeIsReachedAgain) {
  Watched clock{after(noon - 1h), noon};
  clock.pass(1h);
  EXPECT_EQ(clock.set(-2h), "-7200 s, in doubt, clock 8");
  EXPECT_TRUE(clock.leaps.is_doubtful());
  EXPECT_EQ(clock.set(2h), "7200 s, clock 9");
  EXPECT_FALSE(clock.leaps.is_doubtful());
}

TEST(ClockLeaps, ADoubtEndsWhenTheClockHasComeToTheTimeBefore) {
  Watched clock{after(noon - 1h), noon};
  clock.look();
  EXPECT_EQ(clock.set(-10min), "-600 s, in doubt, clock 8");
  EXPECT_EQ(clock.pass(4min), "nothing");
  EXPECT_EQ(clock.pass(1min), "0 s, clock 9");
  EXPECT_EQ(clock.pass(24h), "nothing");
}

TEST(ClockLeaps, AreNoneForATurnThatHasBegun) {
  Watched clock{after(noon - 1h), noon};
  EXPECT_EQ(clock.leaps.by_same_clock({noon + 2min, 100h + 1min}), noon + 2min) << "a correction is followed";
  EXPECT_EQ(clock.leaps.by_same_clock({noon + 48h, 100h + 1min}), noon + 1min);
  EXPECT_EQ(clock.leaps.by_same_clock({noon + 48h, 100h + 1min, true}), noon + 1min);
  EXPECT_EQ(clock.set(48h), "172800 s, clock 8") << "the next look sees it";
}

TEST(ClockLeaps, AClockInThePastBeginsInDoubtAndEndsItWhenItIsSet) {
  Watched clock{after(noon), in_1995};
  EXPECT_EQ(clock.look(), "0 s, in doubt, clock 8");
  EXPECT_EQ(clock.pass(40s), "nothing");
  const auto leap = std::chrono::duration_cast<std::chrono::seconds>(noon - in_1995);
  EXPECT_EQ(clock.set(leap), std::to_string(leap.count()) + " s, clock 9");
}

TEST(ClockLeaps, AClockBeforeWhatItCanShowIsInDoubtAlsoOnANewFile) {
  Watched clock{{}, in_1995, noon};
  EXPECT_EQ(clock.look(), "0 s, in doubt, clock 1");
  Watched right{{}, noon, noon};
  EXPECT_EQ(right.look(), "nothing");
}

TEST(ClockLeaps, ADoubtThatEndsBetweenTwoLivesMovesWhatBeganInIt) {
  Watched clock{in_doubt(in_1995 + 5min, noon), noon + 48h};
  const auto rest = std::chrono::duration_cast<std::chrono::seconds>(noon + 48h - (in_1995 + 5min));
  EXPECT_EQ(clock.look(), std::to_string(rest.count()) + " s, clock 8");
  EXPECT_EQ(clock.look(), "nothing");
}

TEST(ClockLeaps, ADoubtGoesOnWithTheLengthThatWasLeft) {
  Watched again{in_doubt(in_1995 + 5min, noon), in_1995};
  EXPECT_EQ(again.look(), "-300 s, in doubt, clock 8") << "the same times once more";
  Watched later{in_doubt(in_1995 + 5min, noon), in_1995 + 1h};
  EXPECT_EQ(later.look(), "nothing") << "it went on";
  EXPECT_TRUE(later.leaps.is_doubtful());
}

TEST(ClockLeaps, AClockThatIsConfirmedIsInDoubtNoMore) {
  Watched clock{after(noon), in_1995, noon};
  clock.look();
  const MoveClock confirmed = clock.leaps.confirm();
  EXPECT_EQ(text(confirmed), "0 s, clock 9");
  EXPECT_TRUE(clock.leaps.is_doubtful()) << "before it is written";
  clock.leaps.written(confirmed, clock.reading);
  EXPECT_FALSE(clock.leaps.is_doubtful());
  EXPECT_EQ(clock.set(1h), "3600 s, clock 10");
  EXPECT_FALSE(clock.leaps.is_doubtful());
}

}  // namespace
}  // namespace cairn::engine
