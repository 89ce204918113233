#include "tests/values/refusal.hpp"

#include <cairn/retention.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace cairn {
namespace {

using tests::refusal;
using namespace std::chrono_literals;

TEST(Retention, TakesSpansFromAMillisecondToTheLargestDuration) {
  EXPECT_NO_THROW(check_retention({}));
  EXPECT_NO_THROW(check_retention({.success = 1ms, .error = duration_max}));
  EXPECT_NO_THROW(check_retention({.success = duration_max, .error = std::nullopt}));
}

TEST(Retention, RefusesOtherSpansByName) {
  const auto message = [](const Retention& retention) {
    return refusal([&] {
      check_retention(retention, "entries[3].retention");
      return 0;
    });
  };
  EXPECT_EQ(message({.success = 0ms, .error = 1ms}),
            "entries[3].retention.success_retention: must be at least 1 ms and at most 3650 days; got 0 ms");
  EXPECT_EQ(
      message({.success = 1ms, .error = -5s}),
      "entries[3].retention.error_retention: must be at least 1 ms and at most 3650 days; got -5 seconds");
  EXPECT_EQ(message({.error = duration_max + 1ms}),
            "entries[3].retention.error_retention: must be at least 1 ms and at most 3650 days; got "
            "315360000001 ms");
  EXPECT_EQ(message({.success = Duration::max()}),
            "entries[3].retention.success_retention: must be at least 1 ms and at most 3650 days; got "
            "9223372036854775807 ms");
}

TEST(Retention, IsNamedByItsFieldAloneWhenThereIsNoOther) {
  EXPECT_EQ(refusal([] {
              check_retention({.success = Duration::min()}, "");
              return 0;
            }),
            "success_retention: must be at least 1 ms and at most 3650 days; got -9223372036854775808 ms");
}

TEST(Retention, FallsBackFieldByField) {
  const Retention own{.success = 1h};
  const Retention fallback{.success = 2h, .error = 3h};
  EXPECT_EQ(or_else(own, fallback), (Retention{.success = 1h, .error = 3h}));
  EXPECT_EQ(or_else({}, {}), Retention{});
}

TEST(Retention, ExpiresByOutcomeCountedFromTheEnd) {
  const Retention retention{.success = 10ms, .error = 20ms};
  const Time ended{1000ms};
  EXPECT_EQ(expiry(retention, Status::complete, ended), Time{1010ms});
  EXPECT_EQ(expiry(retention, Status::errored, ended), Time{1020ms});
  EXPECT_EQ(expiry(retention, Status::terminated, ended), Time{1020ms});
  for (const Status status : {Status::queued, Status::running, Status::paused, Status::waiting_for_pause,
                              Status::waiting, Status::rolling_back}) {
    EXPECT_EQ(expiry(retention, status, ended), std::nullopt);
  }
}

TEST(Retention, KeepsForEverWhatHasNoSpan) {
  EXPECT_EQ(expiry({.error = 1ms}, Status::complete, Time{}), std::nullopt);
  EXPECT_EQ(expiry({.success = 1ms}, Status::terminated, Time{}), std::nullopt);
}

TEST(Retention, NeverExpiresEarlyForWantOfRoomInTheClock) {
  EXPECT_EQ(expiry({.success = duration_max}, Status::complete, Time::max()), Time::max());
}

}  // namespace
}  // namespace cairn
