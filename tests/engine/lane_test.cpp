#include "engine/scheduler/lane.hpp"

#include <gtest/gtest.h>

namespace cairn::engine {
namespace {

std::vector<Key> drain(Lane& lane) {
  std::vector<Key> keys;
  while (lane.ready()) keys.push_back(lane.pop().value());
  return keys;
}

using Keys = std::vector<Key>;

TEST(Lane, LetsTheWokenGoFirstAndWhoGaveWayBehindThoseWhoWaitedThen) {
  Lane lane;
  lane.push_created(1);
  lane.push_created(2);
  lane.push_behind(7);
  lane.push_created(3);
  lane.push_woken(9);
  EXPECT_EQ(drain(lane), (Keys{9, 1, 2, 7, 3}));
}

TEST(Lane, LetsTwoWhoGiveWayTakeTurns) {
  Lane lane;
  lane.push_behind(7);
  lane.push_behind(8);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(lane.pop(), 7);
    lane.push_behind(7);
    EXPECT_EQ(lane.pop(), 8);
    lane.push_behind(8);
  }
}

TEST(Lane, LetsOneOfTheStoreGoBeforeWhoeverGaveWay) {
  Lane lane;
  lane.rescan();
  lane.push_behind(7);
  EXPECT_FALSE(lane.ready()) << "the store is asked first";
  EXPECT_TRUE(lane.wants_more());
  lane.fetched({1, 2, 3}, 3, false);
  EXPECT_EQ(lane.pop(), 1);
  EXPECT_EQ(lane.pop(), 7);
  lane.push_behind(7);
  EXPECT_EQ(drain(lane), (Keys{2, 3, 7}));
}

TEST(Lane, ForgetsNobodyWhoGaveWayWhenTheStoreIsReadAgain) {
  Lane lane;
  lane.push_created(1);
  lane.push_created(2);
  lane.push_behind(7);
  lane.rescan();
  EXPECT_FALSE(lane.idle());
  lane.fetched({}, 0, true);
  EXPECT_EQ(drain(lane), Keys{7});
  EXPECT_TRUE(lane.idle());
}

TEST(Lane, ShowsEachOfTheWokenOnceBeforeItsTurn) {
  Lane lane;
  for (const Key key : {1, 2, 3}) lane.push_woken(key);
  EXPECT_EQ(lane.take_unseen(2), (Keys{1, 2}));
  EXPECT_EQ(lane.pop(), 1);
  lane.push_woken(4);
  EXPECT_EQ(lane.take_unseen(10), (Keys{3, 4}));
  EXPECT_FALSE(lane.has_unseen());
  EXPECT_EQ(drain(lane), (Keys{2, 3, 4}));
  lane.push_woken(1);
  EXPECT_TRUE(lane.has_unseen());
  EXPECT_EQ(lane.take_unseen(10), Keys{1}) << "woken anew";
}

}  // namespace
}  // namespace cairn::engine
