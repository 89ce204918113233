#include <cairn/clock.hpp>
#include <cairn/time.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <limits>
#include <random>
#include <string>

namespace cairn {
namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

Time at(std::int64_t ms) {
  return Time{Duration{ms}};
}

TEST(Iso8601, WritesKnownMoments) {
  EXPECT_EQ(to_iso8601(at(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_iso8601(at(1)), "1970-01-01T00:00:00.001Z");
  EXPECT_EQ(to_iso8601(at(951'782'400'000)), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(to_iso8601(at(1'795'421'730'250)), "2026-11-23T08:15:30.250Z");
  EXPECT_EQ(to_iso8601(at(1'609'459'199'999)), "2020-12-31T23:59:59.999Z");
  EXPECT_EQ(to_iso8601(at(4'107'542'400'000)), "2100-03-01T00:00:00.000Z");
}

TEST(Iso8601, WritesMomentsBefore1970) {
  EXPECT_EQ(to_iso8601(at(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(to_iso8601(at(-1000)), "1969-12-31T23:59:59.000Z");
  EXPECT_EQ(to_iso8601(at(-86'400'001)), "1969-12-30T23:59:59.999Z");
  EXPECT_EQ(to_iso8601(at(-2'203'977'600'000)), "1900-02-28T00:00:00.000Z");
}

TEST(Iso8601, HoldsYearsAtBothEnds) {
  EXPECT_EQ(to_iso8601(at(-62'167'219'200'000)), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(to_iso8601(at(-62'167'219'200'001)), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(to_iso8601(at(253'402'300'799'999)), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(to_iso8601(at(253'402'300'800'000)), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(to_iso8601(at(least)), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(to_iso8601(at(most)), "9999-12-31T23:59:59.999Z");
}

TEST(Iso8601, ReadsTheDistanceFromUtc) {
  const Time time = at(1'795'421'730'250);
  for (const char* text :
       {"2026-11-23T08:15:30.250Z", "2026-11-23T08:15:30.250+00:00", "2026-11-23T08:15:30.250-00:00",
        "2026-11-23T10:15:30.250+02:00", "2026-11-23T10:15:30.250000+02:00", "2026-11-22T22:45:30.250-09:30",
        "2026-11-24T08:14:30.250+23:59"}) {
    EXPECT_EQ(parse_iso8601(text), time) << text;
  }
  for (const char* text :
       {"2026-11-23T08:15:30", "2026-11-23T08:15:30+02", "2026-11-23T08:15:30+0200",
        "2026-11-23T08:15:30+24:00", "2026-11-23T08:15:30+02:60", "2026-11-23T08:15:30 02:00",
        "2026-11-23T08:15:30+02:00Z", "2026-11-23T08:15:30Z+02:00", "0000-01-01T00:59:59+01:00",
        "9999-12-31T23:00:00-01:00"}) {
    EXPECT_EQ(parse_iso8601(text), std::nullopt) << text;
  }
}

TEST(Iso8601, AgreesWithTheCLibrary) {
  std::mt19937_64 random{1};
  std::uniform_int_distribution<std::int64_t> moment{-62'167'219'200'000, 253'402'300'799'999};
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t ms = moment(random);
    const std::int64_t rest = (ms % 1000 + 1000) % 1000;
    const std::time_t seconds = (ms - rest) / 1000;
    std::tm parts{};
    ASSERT_NE(gmtime_r(&seconds, &parts), nullptr);
    char expected[64];
    std::snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900,
                  parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                  static_cast<int>(rest));
    ASSERT_EQ(to_iso8601(at(ms)), expected);
  }
}

TEST(SaturatingAdd, AddsInsideTheRange) {
  EXPECT_EQ(saturating_add(at(5), Duration{7}), at(12));
  EXPECT_EQ(saturating_add(at(5), Duration{-7}), at(-2));
  EXPECT_EQ(saturating_add(at(most - 1), Duration{1}), at(most));
  EXPECT_EQ(saturating_add(at(least + 1), Duration{-1}), at(least));
  EXPECT_EQ(saturating_add(at(least), Duration{most}), at(-1));
}

TEST(SaturatingAdd, StaysAtTheEndsInsteadOfWrapping) {
  EXPECT_EQ(saturating_add(at(most), Duration{1}), at(most));
  EXPECT_EQ(saturating_add(at(1), Duration{most}), at(most));
  EXPECT_EQ(saturating_add(at(most), Duration{most}), at(most));
  EXPECT_EQ(saturating_add(at(least), Duration{-1}), at(least));
  EXPECT_EQ(saturating_add(at(-2), Duration{least}), at(least));
}

TEST(SaturatingMultiply, MultipliesInsideTheRange) {
  EXPECT_EQ(saturating_multiply(Duration{10}, 3), Duration{30});
  EXPECT_EQ(saturating_multiply(Duration{most / 2}, 2), Duration{most - 1});
  EXPECT_EQ(saturating_multiply(Duration{1}, most), Duration{most});
  EXPECT_EQ(saturating_multiply(Duration{0}, 5), Duration{0});
  EXPECT_EQ(saturating_multiply(Duration{5}, 0), Duration{0});
}

TEST(SaturatingMultiply, StaysAtTheEndInsteadOfWrapping) {
  EXPECT_EQ(saturating_multiply(Duration{most / 2 + 1}, 2), Duration{most});
  EXPECT_EQ(saturating_multiply(Duration{10'000}, std::int64_t{1} << 62), Duration{most});
}

// So that waking up is no leap of the wall clock.
TEST(SystemClock, GoesOnWhileTheMachineSleeps) {
  const auto since_boot = [] {
    timespec time{};
    clock_gettime(CLOCK_BOOTTIME, &time);
    return std::chrono::floor<Duration>(std::chrono::seconds{time.tv_sec} +
                                        std::chrono::nanoseconds{time.tv_nsec});
  };
  const Duration before = since_boot();
  const Duration uptime = system_clock()->uptime();
  EXPECT_LE(before, uptime);
  EXPECT_LE(uptime, since_boot());
}

static_assert(saturating_add(Time{duration_max}, duration_max) == Time{duration_max * 2});

}  // namespace
}  // namespace cairn
