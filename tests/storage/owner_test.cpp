#include "tests/storage/store_fixture.hpp"

// Laws of ownership: epochs, the counts that never go back, and what a new owner finds.
namespace cairn::testing {
namespace {

class OwnerTest : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, OwnerTest,
                         ::testing::Values(Kind::memory, Kind::sqlite_file, Kind::sqlite_memory), name_of);

// A SQLite database in memory ends with its owner.
class NextOwnerTest : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, NextOwnerTest, ::testing::Values(Kind::memory, Kind::sqlite_file), name_of);

TEST_P(OwnerTest, AFreshStoreBeginsAtTheBeginning) {
  const Ownership ownership = store().ownership();
  EXPECT_EQ(ownership.epoch, 1);
  EXPECT_EQ(ownership.commit_seq, 0);
  EXPECT_EQ(ownership.next_key, 1);
  EXPECT_EQ(ownership.last_time, Time{});
  EXPECT_TRUE(store().workflows().empty());
  EXPECT_TRUE(store().list({}).empty());
}

TEST_P(OwnerTest, EveryGroupIsCountedOnce) {
  define();
  const std::int64_t before = store().ownership().commit_seq;
  const std::vector<Change> group{Sweep{1}, Sweep{1}, Sweep{1}};
  store().apply(group, now());
  EXPECT_EQ(store().ownership().commit_seq, before + 1);
  EXPECT_TRUE(store().apply({}, now()).empty());
  EXPECT_EQ(store().ownership().commit_seq, before + 1) << "nothing is no group";
}

TEST_P(OwnerTest, ThereIsOneOutcomePerChangeInOrder) {
  const Key key = create("a");
  const std::vector<Change> group{Sweep{1}, SendEvent{key, "x", "1", 10},
                                  Control{key, Command::pause, true, 0}, Define{"orders", "1", "", ""}};
  const auto outcomes = store().apply(group, now());
  ASSERT_EQ(outcomes.size(), 4U);
  EXPECT_TRUE(std::holds_alternative<Swept>(outcomes[0]));
  EXPECT_TRUE(std::holds_alternative<Sent>(outcomes[1]));
  EXPECT_TRUE(std::holds_alternative<Controlled>(outcomes[2]));
  EXPECT_TRUE(std::holds_alternative<Defined>(outcomes[3]));
}

TEST_P(OwnerTest, LastTimeIsThatOfTheOwnerBefore) {
  apply<Swept>(Sweep{1}, at(4'000));
  EXPECT_EQ(store().ownership().last_time, Time{});
}

TEST_P(NextOwnerTest, TheNextOwnerGoesOnWhereTheLastOneStopped) {
  const Key key = create("a");
  apply<Swept>(Sweep{1}, at(4'000));
  const Ownership before = store().ownership();
  reopen();
  const Ownership after = store().ownership();
  EXPECT_EQ(after.epoch, before.epoch + 1);
  EXPECT_EQ(after.commit_seq, before.commit_seq);
  EXPECT_EQ(after.next_key, key + 1);
  EXPECT_EQ(after.last_time, at(4'000));
}

TEST_P(NextOwnerTest, KeysAreNeverUsedAgain) {
  const Key key = create("a", {.success = std::nullopt, .error = Duration{1}});
  control(key, Command::terminate);
  EXPECT_EQ(apply<Swept>(Sweep{10}, at(90'000'000)).instances, 1U);
  reopen();
  EXPECT_EQ(store().ownership().next_key, key + 1);
}

TEST_P(NextOwnerTest, WhatWasLeftRunningIsRecoveredWithoutAWrite) {
  for (const Status status : reachable_statuses()) {
    const Key key = create_in(status, "s" + std::to_string(static_cast<int>(status)));
    const InstanceRow before = row(key);
    reopen();
    InstanceRow expected = before;
    expected.status = next(status, Cause::recover).value_or(status);
    EXPECT_EQ(row(key), expected);
    EXPECT_EQ(store().find(expected.workflow, expected.id), expected);
    EXPECT_EQ(history(key).row, expected);
  }
}

TEST_P(NextOwnerTest, ListsShowTheRecoveredStatus) {
  const Key running = create_in(Status::running, "a");
  const Key pausing = create_in(Status::waiting_for_pause, "b");
  const Key queued = create("c");
  reopen();
  const Key fresh = create_in(Status::running, "d");
  const Key fresh_pausing = create_in(Status::waiting_for_pause, "e");
  const auto listed = [&](Status status) {
    ListQuery query;
    query.status = status;
    query.newest_first = false;
    std::vector<Key> keys;
    for (const InstanceRow& row : store().list(query)) keys.push_back(row.key);
    return keys;
  };
  EXPECT_EQ(listed(Status::queued), (std::vector<Key>{running, queued}));
  EXPECT_EQ(listed(Status::running), (std::vector<Key>{fresh}));
  EXPECT_EQ(listed(Status::paused), (std::vector<Key>{pausing}));
  EXPECT_EQ(listed(Status::waiting_for_pause), (std::vector<Key>{fresh_pausing}));
  const auto ready = store().queued(define().workflow, 0, 10);
  ASSERT_EQ(ready.size(), 2U);
  EXPECT_EQ(ready[0].key, running);
  EXPECT_EQ(ready[0].status, Status::queued);
}

TEST_P(NextOwnerTest, ChangesBeginFromTheRecoveredStatus) {
  const Key running = create_in(Status::running, "a");
  const Key pausing = create_in(Status::waiting_for_pause, "b");
  reopen();
  EXPECT_FALSE(leave(running, Cause::complete).continued);
  EXPECT_EQ(enter(running).status, Status::running);
  EXPECT_FALSE(leave(pausing, Cause::quiesce).continued);
  EXPECT_EQ(control(pausing, Command::resume).after, Status::queued);
}

TEST_P(NextOwnerTest, ARecoveredInstanceThatIsOnlyTouchedStaysRecovered) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  reopen();
  StepResult cut_off = failed(1, 1, at(5));
  cut_off.interrupted = true;
  const Advanced outcome = record(key, cut_off);
  EXPECT_TRUE(outcome.recorded);
  EXPECT_EQ(outcome.status, Status::queued);
  EXPECT_EQ(send(key, "x").status, Status::queued);
  EXPECT_EQ(row(key).status, Status::queued);
  reopen();
  EXPECT_EQ(row(key).status, Status::queued);
}

TEST_P(NextOwnerTest, AStatusWrittenByTheNewOwnerIsItsOwn) {
  const Key key = create_in(Status::running, "a");
  reopen();
  enter(key);
  EXPECT_EQ(row(key).status, Status::running);
  control(key, Command::pause, false);
  EXPECT_EQ(row(key).status, Status::waiting_for_pause);
  reopen();
  EXPECT_EQ(row(key).status, Status::paused);
}

TEST_P(NextOwnerTest, EverythingComesBackAsItWas) {
  const Key key = create("a", {.success = Duration{5}, .error = std::nullopt});
  enter(key);
  start_step(key, 1);
  start_wait(key, 2, "x");
  record(key, failed(1, 1, at(7)));
  send(key, "y", "[1]");
  leave(key, Cause::wait, at(8));
  History before = history(key);
  const auto workflows = store().workflows().size();
  reopen();
  for (StepRow& step : before.steps) step.moves = false;  // the clock is another one
  EXPECT_EQ(history(key), before);
  EXPECT_EQ(store().workflows().size(), workflows);
  EXPECT_EQ(define().workflow, before.row.workflow);
}

}  // namespace
}  // namespace cairn::testing
