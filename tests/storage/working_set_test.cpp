#include "storage/sqlite/working_set.hpp"

#include <gtest/gtest.h>

namespace cairn::testing {
namespace {

using sqlite::StoredInstance;
using sqlite::WorkingSet;

constexpr Key capacity = 16'384;

StoredInstance stored(Key key) {
  return {.row = {.key = key}};
}

TEST(WorkingSetTest, ForgetsTheOneThatWasAddedFirstWhenItIsFull) {
  WorkingSet set;
  for (Key key = 1; key <= capacity; ++key) set.add(stored(key));
  EXPECT_NE(set.find(1), nullptr);
  set.add(stored(capacity + 1));
  EXPECT_EQ(set.find(1), nullptr);
  EXPECT_NE(set.find(2), nullptr);
  EXPECT_NE(set.find(capacity), nullptr);
  EXPECT_NE(set.find(capacity + 1), nullptr);
}

TEST(WorkingSetTest, KeepsNoMoreThanItMay) {
  WorkingSet set;
  for (Key key = 1; key <= 3 * capacity; ++key) {
    set.add(stored(key));
    if (key % 3 == 0) set.forget(key);
    if (key % 5 == 0) set.add(stored(key - 1));
  }
  Key kept = 0;
  for (Key key = 1; key <= 3 * capacity; ++key) kept += set.find(key) != nullptr ? 1 : 0;
  EXPECT_LE(kept, capacity);
  EXPECT_GT(kept, capacity / 2);
}

TEST(WorkingSetTest, HoldsWhatWasAddedLastForAKey) {
  WorkingSet set;
  set.add(stored(1));
  StoredInstance changed = stored(1);
  changed.buffered = 7;
  EXPECT_EQ(set.add(changed).stored.buffered, 7);
  EXPECT_EQ(set.find(1)->stored.buffered, 7);
}

}  // namespace
}  // namespace cairn::testing
