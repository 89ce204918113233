#include "engine/scheduler/timer_window.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;

DueRow row(Duration at, Key key) {
  return {.wake_at = Time{at}, .key = key, .workflow = 1};
}

// After a failure of the store it is read again from the beginning, page by page, while rows of before are in
// memory.
TEST(TimerWindow, SkipsNothingWhenItIsFullWhileTheStoreIsReadAgain) {
  engine::TimerWindow window{1h, 2};
  window.fetched({}, Time{1h}, true);
  window.add(row(30min, 3));
  window.add(row(40min, 4));
  window.rewind();
  window.fetched({row(10min, 1)}, Time{1h}, false);
  window.add(row(5min, 5));
  // What follows the first page is in the store alone, and must still be asked for.
  EXPECT_EQ(window.frontier(), row(10min, 1));
}

TEST(TimerWindow, LeavesTheLastRowToTheStoreWhenItIsFull) {
  engine::TimerWindow window{1h, 2};
  window.fetched({}, Time{1h}, true);
  for (const Key key : {3, 1, 2}) window.add(row(key * 10min, key));
  EXPECT_EQ(window.frontier(), row(20min, 2));
  EXPECT_EQ(window.take_due(Time{1h}), (std::vector<DueRow>{row(10min, 1), row(20min, 2)}));
}

}  // namespace
}  // namespace cairn::testing
