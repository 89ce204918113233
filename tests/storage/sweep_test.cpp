#include "tests/storage/store_fixture.hpp"

// Laws of Sweep: never early, earliest first, with all that belongs to an instance.
namespace cairn::testing {
namespace {

class SweepTest : public StoreTest {
 protected:
  // A terminated instance that expires at `expires`.
  Key expiring(const std::string& id, Time expires) {
    const Key key = create(id, {.success = std::nullopt, .error = Duration{100}});
    apply<Controlled>(Control{key, Command::terminate, true, 0}, expires - Duration{100});
    EXPECT_EQ(row(key).expires, expires);
    return key;
  }

  bool is_there(Key key) { return store().history(key).has_value(); }
};
INSTANTIATE_TEST_SUITE_P(Stores, SweepTest,
                         ::testing::Values(Kind::memory, Kind::sqlite_file, Kind::sqlite_memory), name_of);

TEST_P(SweepTest, NothingGoesBeforeItsTimeAndEverythingGoesAtIt) {
  const Key key = expiring("a", at(1'000));
  EXPECT_EQ(apply<Swept>(Sweep{10}, at(999)).instances, 0U);
  EXPECT_TRUE(is_there(key));
  EXPECT_EQ(apply<Swept>(Sweep{10}, at(1'000)).instances, 1U);
  EXPECT_FALSE(is_there(key));
}

TEST_P(SweepTest, NothingGoesThatExpiresAfterTheTimeWhenTheClockWasBelieved) {
  const Key early = expiring("early", at(1'000));
  const Key late = expiring("late", at(3'000));
  const Swept swept = apply<Swept>(Sweep{.limit = 10, .until = at(2'000)}, at(90'000'000));
  EXPECT_EQ(swept.instances, 1U);
  EXPECT_FALSE(swept.more);
  EXPECT_FALSE(is_there(early));
  EXPECT_TRUE(is_there(late));
}

TEST_P(SweepTest, TheEarliestGoFirstAndTheLimitHolds) {
  const Key late = expiring("late", at(3'000));
  const Key early = expiring("early", at(1'000));
  const Key middle = expiring("middle", at(2'000));
  const Key future = expiring("future", at(9'000));
  const Swept first = apply<Swept>(Sweep{2}, at(5'000));
  EXPECT_EQ(first.instances, 2U);
  EXPECT_TRUE(first.more);
  EXPECT_FALSE(is_there(early));
  EXPECT_FALSE(is_there(middle));
  EXPECT_TRUE(is_there(late));
  const Swept second = apply<Swept>(Sweep{2}, at(5'000));
  EXPECT_EQ(second.instances, 1U);
  EXPECT_FALSE(second.more);
  EXPECT_TRUE(is_there(future));
}

TEST_P(SweepTest, AmongEqualsTheOlderGoesFirst) {
  const Key first = expiring("a", at(1'000));
  const Key second = expiring("b", at(1'000));
  apply<Swept>(Sweep{1}, at(5'000));
  EXPECT_FALSE(is_there(first));
  EXPECT_TRUE(is_there(second));
}

TEST_P(SweepTest, AllThatBelongsToAnInstanceGoesWithIt) {
  const Retention retention{.success = Duration{1}, .error = Duration{1}};
  const Key before = create("before");
  const Key key = create("a", retention);
  const Key after = create("after");
  for (const Key each : {before, key, after}) {
    enter(each);
    start_step(each, 1);
    start_step(each, 2);
    record(each, failed(1, 1, at(5)));
    send(each, "x");
  }
  const History neighbours[] = {history(before), history(after)};
  leave(key, Cause::complete);
  const Swept swept = apply<Swept>(Sweep{10}, at(90'000'000));
  EXPECT_EQ(swept.instances, 1U);
  EXPECT_EQ(swept.steps, 2U);
  EXPECT_EQ(swept.events, 1U);
  EXPECT_FALSE(is_there(key));
  EXPECT_EQ(history(before), neighbours[0]);
  EXPECT_EQ(history(after), neighbours[1]);
}

TEST_P(SweepTest, TheIdIsFreeAgainAndTheKeyIsNot) {
  const Key key = expiring("a", at(1'000));
  apply<Swept>(Sweep{10}, at(2'000));
  EXPECT_FALSE(store().find(define().workflow, "a"));
  const Key again = create("a");
  EXPECT_GT(again, key);
  EXPECT_TRUE(history(again).steps.empty());
}

TEST_P(SweepTest, OnlyTheFinishedExpire) {
  const Retention retention{.success = Duration{1}, .error = Duration{1}};
  for (const Status status : reachable_statuses()) {
    create_in(status, "s" + std::to_string(static_cast<int>(status)), retention);
  }
  EXPECT_EQ(apply<Swept>(Sweep{100}, at(90'000'000)).instances, 3U);
  for (const InstanceRow& left : store().list({})) EXPECT_FALSE(is_finished(left.status));
}

TEST_P(SweepTest, ARestartTakesTheExpiryAway) {
  const Key key = expiring("a", at(1'000));
  control(key, Command::restart);
  EXPECT_EQ(apply<Swept>(Sweep{10}, at(90'000'000)).instances, 0U);
  EXPECT_TRUE(is_there(key));
}

TEST_P(SweepTest, TheRetentionThatCountsIsThatOfTheOutcome) {
  const Retention retention{.success = Duration{10}, .error = Duration{1'000'000'000}};
  const Key complete = create_in(Status::complete, "c", retention);
  const Key errored = create_in(Status::errored, "e", retention);
  const Key terminated = create_in(Status::terminated, "t", retention);
  EXPECT_EQ(apply<Swept>(Sweep{10}).instances, 1U);
  EXPECT_FALSE(is_there(complete));
  EXPECT_TRUE(is_there(errored));
  EXPECT_TRUE(is_there(terminated));
}

}  // namespace
}  // namespace cairn::testing
