#include "engine/threads/turns.hpp"

#include <gtest/gtest.h>

// One rule each; tests/simulation tries all orders of them.
namespace cairn::engine {
namespace {

using Sight = Turns::Sight;
using Wake = Turns::Wake;

TEST(Turns, WhoFindsNobodyLeadingLeads) {
  Turns turns;
  EXPECT_EQ(turns.join(), std::nullopt);
  EXPECT_TRUE(turns.is_led());
}

TEST(Turns, WhoComesBeforeATurnBeginsBelongsToItAndWhoComesLaterToTheNext) {
  Turns turns;
  ASSERT_EQ(turns.join(), std::nullopt);
  const auto early = turns.join();
  turns.begin();
  const auto late = turns.join();
  EXPECT_EQ(turns.end(), early);
  EXPECT_EQ(late, *early + 1);
  EXPECT_EQ(turns.look(*early), Sight::over);
  EXPECT_EQ(turns.look(*late), Sight::waits);
}

TEST(Turns, TheLeadGoesToOneOfThoseWhoWait) {
  Turns turns;
  ASSERT_EQ(turns.join(), std::nullopt);
  turns.begin();
  const auto one = turns.join();
  const auto other = turns.join();
  ASSERT_EQ(one, other);
  turns.end();
  EXPECT_EQ(turns.leave(false), Wake::caller);
  EXPECT_EQ(turns.look(*one), Sight::leads);
  EXPECT_EQ(turns.look(*other), Sight::waits);
}

TEST(Turns, WhoIsAwakeTakesTheLeadFromOneThatIsWakingUpAndServesItToo) {
  Turns turns;
  ASSERT_EQ(turns.join(), std::nullopt);
  turns.begin();
  const auto asleep = turns.join();
  turns.end();
  ASSERT_EQ(turns.leave(false), Wake::caller);
  EXPECT_EQ(turns.join(), std::nullopt);
  EXPECT_EQ(turns.look(*asleep), Sight::waits);
  turns.begin();
  EXPECT_EQ(turns.end(), asleep);
  EXPECT_EQ(turns.look(*asleep), Sight::over);
}

TEST(Turns, WhoLeavesWithoutATurnPassesTheLeadOn) {
  Turns turns;
  ASSERT_EQ(turns.join(), std::nullopt);
  const auto waits = turns.join();
  EXPECT_EQ(turns.leave(true), Wake::caller);
  EXPECT_EQ(turns.look(*waits), Sight::leads);
}

// As it was once: a thread that woke up two turns late took itself off the count of those who waited then.
TEST(Turns, WhoWakesLateIsOfItsOwnTurnAlone) {
  Turns turns;
  ASSERT_EQ(turns.join(), std::nullopt);
  const auto late = turns.join();
  turns.begin();
  turns.end();
  turns.begin();
  turns.end();
  const auto waits = turns.join();
  EXPECT_EQ(turns.look(*late), Sight::over);
  EXPECT_EQ(turns.leave(false), Wake::caller);
  EXPECT_EQ(turns.look(*waits), Sight::leads);
}

TEST(Turns, WhatNobodyWaitsForIsTheKeepers) {
  Turns turns;
  EXPECT_EQ(turns.bring(), Wake::keeper);
  EXPECT_TRUE(turns.is_left());
  EXPECT_EQ(turns.bring(), Wake::nobody) << "it has been told";
  EXPECT_TRUE(turns.try_lead());
  EXPECT_EQ(turns.bring(), Wake::nobody) << "the leader sees it when it leaves";
  EXPECT_EQ(turns.leave(true), Wake::keeper);
  EXPECT_TRUE(turns.try_lead());
  EXPECT_EQ(turns.leave(false), Wake::nobody);
}

TEST(Turns, WhoseAnswerIsLateWaitsForTheTurnThatEndsNext) {
  Turns turns;
  ASSERT_EQ(turns.join(), std::nullopt);
  const auto early = turns.join();
  turns.begin();
  turns.end();
  turns.begin();
  EXPECT_EQ(turns.join_next_end(), *early + 1) << "the one that goes on";
  turns.end();
  EXPECT_EQ(turns.join_next_end(), *early + 2) << "none goes on: the one that comes";
  EXPECT_EQ(turns.leave(false), Wake::caller);
}

TEST(Turns, NobodyTakesTheLeadFromALeader) {
  Turns turns;
  ASSERT_TRUE(turns.try_lead());
  EXPECT_FALSE(turns.try_lead());
  EXPECT_EQ(turns.callers(), 0U) << "who tries does not wait";
}

}  // namespace
}  // namespace cairn::engine
