// The question: can the threads around `Turns` come to stand, whatever the order of their steps, and whomever
// a signal wakes?

#include "tests/counts.hpp"
#include "tests/simulation/turns_model.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <iostream>
#include <string>
#include <unordered_set>

namespace cairn::testing {
namespace {

class TurnsTest : public ::testing::TestWithParam<TurnsModel::Size> {};

INSTANTIATE_TEST_SUITE_P(
    Models, TurnsTest,
    ::testing::Values(TurnsModel::Size{.callers = 2, .calls = 3, .posts = 0},
                      TurnsModel::Size{.callers = 2, .calls = 2, .posts = 1},
                      TurnsModel::Size{.callers = 3, .calls = 1, .posts = 1},
                      TurnsModel::Size{.callers = 3, .calls = 2, .posts = 0, .has_keeper = false},
                      TurnsModel::Size{.callers = 2, .calls = 2, .posts = 0, .late = true},
                      TurnsModel::Size{.callers = 2, .calls = 2, .posts = 2, .has_keeper = false}));

TEST_P(TurnsTest, NobodyWaitsForEverInAnyOrderOfSteps) {
  std::unordered_set<std::string> seen;
  std::deque<TurnsModel> open{TurnsModel{GetParam()}};
  seen.insert(open.front().state());
  std::size_t ends = 0;
  while (!open.empty()) {
    const TurnsModel model = std::move(open.front());
    open.pop_front();
    const std::vector<TurnsModel> after = model.next();
    if (after.empty()) {
      ASSERT_TRUE(model.has_ended()) << "all sleep, and something waits";
      ++ends;
    }
    for (const TurnsModel& next : after) {
      if (seen.insert(next.state()).second) open.push_back(next);
    }
  }
  std::cout << "turns: " << seen.size() << " states, " << ends << " ends\n";
  tell_count("states of turns", seen.size());
  EXPECT_GT(ends, 0U);
}

}  // namespace
}  // namespace cairn::testing
