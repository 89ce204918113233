#include "engine/scheduler/scheduler.hpp"

#include "engine/scheduler/suspects.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace cairn::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t red = 1;
constexpr std::int64_t blue = 2;

// Whoever has its turn takes a slot, until none is free or nobody waits.
std::vector<Key> begin_all(Scheduler& scheduler) {
  std::vector<Key> keys;
  while (const std::optional<Scheduler::Next> next = scheduler.next()) {
    scheduler.take_slot(next->lane);
    keys.push_back(next->key);
  }
  return keys;
}

TEST(Scheduler, LetsLanesTakeTurnsAndTheWokenGoFirst) {
  Scheduler scheduler{10};
  for (const Key key : {1, 2, 3}) scheduler.push_created(scheduler.lane_of(red), key);
  for (const Key key : {11, 12}) scheduler.push_created(scheduler.lane_of(blue), key);
  scheduler.push_woken(scheduler.lane_of(blue), 13);
  EXPECT_THAT(begin_all(scheduler), ElementsAre(13, 1, 11, 2, 12, 3));
  EXPECT_EQ(scheduler.taken(), 6U);
  EXPECT_FALSE(scheduler.has_next());
}

TEST(Scheduler, LetsNoLaneBeyondItsLimitAndSaysWhoIsInTheWay) {
  Scheduler scheduler{3};
  const LaneId narrow = scheduler.lane_of(red);
  const LaneId wide = scheduler.lane_of(blue);
  scheduler.set_limit(narrow, 1);
  for (const Key key : {1, 2}) scheduler.push_created(narrow, key);
  EXPECT_THAT(begin_all(scheduler), ElementsAre(1));
  EXPECT_FALSE(scheduler.has_next());
  EXPECT_TRUE(scheduler.is_wanted(narrow));
  EXPECT_FALSE(scheduler.is_wanted(wide)) << "nobody waits for one of its slots";
  EXPECT_EQ(scheduler.held_back_by(narrow), "no slot of its workflow is free, of 1");
  EXPECT_EQ(scheduler.held_back_by(wide), std::nullopt);
  for (const Key key : {11, 12, 13}) scheduler.push_created(wide, key);
  EXPECT_THAT(begin_all(scheduler), ElementsAre(11, 12));
  EXPECT_EQ(scheduler.held_back_by(wide), "no slot of the engine is free, of 3");
  EXPECT_TRUE(scheduler.is_wanted(wide));
  scheduler.give_slot_back(wide);
  EXPECT_THAT(begin_all(scheduler), ElementsAre(13));
  scheduler.give_slot_back(narrow);
  EXPECT_THAT(begin_all(scheduler), ElementsAre(2));
}

TEST(Scheduler, LetsNobodyBeginAtOnceBeforeThoseThatWantTheirSlotsBack) {
  Scheduler scheduler{10};
  const LaneId lent = scheduler.lane_of(red);
  const LaneId other = scheduler.lane_of(blue);
  EXPECT_TRUE(scheduler.may_begin_at_once(other));
  scheduler.push_returning(lent, 1);
  scheduler.push_returning(lent, 2);
  EXPECT_FALSE(scheduler.may_begin_at_once(other));
  scheduler.drop_returning(lent, 2);
  EXPECT_EQ(scheduler.next_returning(), 1);
  EXPECT_EQ(scheduler.next_returning(), std::nullopt);
  EXPECT_TRUE(scheduler.may_begin_at_once(other));
}

TEST(Scheduler, KnowsWhichLanesAreToBeRead) {
  Scheduler scheduler{10};
  const LaneId lane = scheduler.lane_of(red);
  EXPECT_FALSE(scheduler.knows(blue));
  EXPECT_THAT(scheduler.unread(), IsEmpty());
  scheduler.rescan_all();
  EXPECT_THAT(scheduler.unread(), ElementsAre(lane));
  scheduler.fetched(lane, {1, 2}, 2, true);
  EXPECT_THAT(scheduler.unread(), IsEmpty());
  scheduler.push_woken(lane, 3);
  EXPECT_EQ(scheduler.woken(), 1U);
  EXPECT_THAT(scheduler.unseen(), ElementsAre(lane));
  EXPECT_THAT(scheduler.take_unseen(lane, 10), ElementsAre(3));
  EXPECT_THAT(scheduler.unseen(), IsEmpty());
}

// What the lists say is what one finds who walks over all lanes.
TEST(Scheduler, KeepsItsListsThroughAnything) {
  std::minstd_rand random{1};
  const auto draw = [&](std::size_t count) { return random() % count; };
  Scheduler scheduler{6};
  std::vector<LaneId> lanes;
  for (std::int64_t workflow = 1; workflow <= 5; ++workflow) {
    lanes.push_back(scheduler.lane_of(workflow));
    scheduler.set_limit(lanes.back(), draw(3));
  }
  std::vector<LaneId> taken;
  for (Key key = 1; key < 20'000; ++key) {
    const LaneId lane = lanes[draw(lanes.size())];
    switch (draw(9)) {
      case 0:
        scheduler.push_woken(lane, key);
        break;
      case 1:
        scheduler.push_created(lane, key);
        break;
      case 2:
        scheduler.push_behind(lane, key);
        break;
      case 3:
        scheduler.push_returning(lane, key);
        break;
      case 4:
        scheduler.rescan(lane);
        break;
      case 5:
        scheduler.fetched(lane, {key}, key, draw(2) == 0);
        break;
      case 6:
        static_cast<void>(scheduler.next_returning());
        break;
      case 7:
        if (taken.empty()) break;
        scheduler.give_slot_back(taken.back());
        taken.pop_back();
        break;
      default:
        if (const std::optional<Scheduler::Next> next = scheduler.next()) {
          scheduler.take_slot(next->lane);
          taken.push_back(next->lane);
        }
    }
    bool has_next = false;
    std::size_t woken = 0;
    std::size_t wants_back = 0;
    for (const LaneId each : lanes) {
      const Lane& queue = scheduler.lane(each);
      has_next |= scheduler.has_free_slot(each) && (queue.ready() || queue.returning() > 0);
      woken += queue.woken();
      wants_back += queue.returning();
      ASSERT_EQ(scheduler.unread().contains(each), queue.wants_more());
      ASSERT_EQ(scheduler.unseen().contains(each), queue.has_unseen());
    }
    ASSERT_EQ(scheduler.has_next(), has_next) << "after " << key;
    ASSERT_EQ(scheduler.woken(), woken);
    ASSERT_EQ(scheduler.may_begin_at_once(lane), scheduler.has_free_slot(lane) && wants_back == 0);
    ASSERT_EQ(scheduler.taken(), taken.size());
  }
}

TEST(Suspects, AreHeldBackUntilTheLastOnesHaveEnded) {
  Suspects suspects{4};
  EXPECT_TRUE(suspects.admit(1, {LaneId{1}, 1}));
  EXPECT_FALSE(suspects.admit(4, {LaneId{1}, 2})) << "one that runs alone";
  EXPECT_TRUE(suspects.admit(3, {LaneId{1}, 3}));
  suspects.leave(1);
  EXPECT_THAT(suspects.take_next(), IsEmpty());
  suspects.leave(3);
  ASSERT_TRUE(suspects.hold_somebody());
  EXPECT_EQ(suspects.take_next().at(0).key, 2);
  EXPECT_FALSE(suspects.hold_somebody());
}

}  // namespace
}  // namespace cairn::engine
