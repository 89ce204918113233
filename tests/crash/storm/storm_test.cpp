// The question: does a program that many clients ask for everything at once keep what it has told them,
// wherever it is killed, and however often?

#include "tests/crash/storm/storm.hpp"

#include "tests/counts.hpp"
#include "tests/crash/kills.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <string>

namespace cairn::testing {
namespace {

using ::testing::IsEmpty;

constexpr int shards = 4;  // run side by side

int kills_of_a_shard() {
  return static_cast<int>(storm_kills()) / shards;
}

class StormTest : public ::testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(Shards, StormTest, ::testing::Range(0, shards));

void print(const StormReport& report) {
  std::cout << "storm: " << report.kills << " kills in " << report.lives << " lives of " << report.files
            << " files; " << report.in_recovery << " in a recovery; at " << report.kills_at.size() << " of "
            << report.points << " points; " << report.acknowledged << " acknowledgements, looked at "
            << report.acknowledgements_checked << " times; " << report.ledger_lines
            << " lines in the ledgers";
  std::string scene;
  for (const auto& [point, kills] : report.kills_at) {
    const std::string of_this = point.substr(0, point.find('.'));
    std::cout << (of_this == scene ? ", " : "\n  ") << point << ' ' << kills;
    scene = of_this;
  }
  std::cout << '\n';
  tell_count("kills", static_cast<std::uint64_t>(report.kills));
}

TEST_P(StormTest, WhatWasAcknowledgedHoldsAfterEveryKill) {
  const int wanted = kills_of_a_shard();
  const std::uint64_t seed = crash_seed();
  std::cout << "seed " << seed << " (CAIRN_CRASH_SEED), shard " << GetParam() << '\n';
  Storm storm{CAIRN_STORM_HOST, seed * shards + static_cast<std::uint64_t>(GetParam())};
  ASSERT_THAT(storm.run(wanted), IsEmpty()) << "seed " << seed << ", shard " << GetParam();

  print(storm.report());
  EXPECT_GE(storm.report().kills, wanted);
  // Where a life is killed depends on the machine. A few kills may all miss what many do not.
  EXPECT_GE(storm.report().kills_at.size(), static_cast<std::size_t>(std::min(120, wanted / 4)));
  EXPECT_GE(storm.report().in_recovery, wanted / 60);
}

}  // namespace
}  // namespace cairn::testing
