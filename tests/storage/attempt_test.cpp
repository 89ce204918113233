#include "tests/storage/advance_fixture.hpp"

// Laws of Advance: attempts that wait for a worker, that begin, and that are withdrawn.
namespace cairn::testing {
namespace {

class AttemptTest : public AdvanceTest {
 protected:
  // A step whose body waits for a worker.
  Key with_waiting_step(const std::string& id) {
    const Key key = create_in(Status::running, id);
    Advance change = advance(store(), key);
    change.starts.push_back({.started_seq = 1, .name = "s", .due = at(40), .at = at(40)});
    EXPECT_TRUE(apply<Advanced>(change).continued);
    return key;
  }

  Advanced begin(Key key, std::int32_t attempt, Time time) {
    Advance change = advance(store(), key);
    change.attempts = {{1, attempt, time}};
    return apply<Advanced>(change);
  }

  static StepResult withdrawn(std::int32_t attempt, Time due) {
    return {.started_seq = 1, .attempt = attempt, .retry_due = due, .withdrawn = true, .at = due};
  }

  [[nodiscard]] StepRow step(Key key) { return history(key).steps.at(0); }
};
INSTANTIATE_TEST_SUITE_P(Stores, AttemptTest,
                         ::testing::Values(Kind::memory, Kind::sqlite_file, Kind::sqlite_memory), name_of);

TEST_P(AttemptTest, OfABodyThatWaitsForAWorkerIsNotBegun) {
  const Key key = with_waiting_step("a");
  EXPECT_EQ(step(key).attempt, 0);
  EXPECT_EQ(step(key).due, at(40));
  EXPECT_FALSE(record(key, ended(1, 2)).recorded) << "nothing runs that could have ended";
  EXPECT_FALSE(record(key, ended(1, 2, "1", 0)).recorded);
  EXPECT_FALSE(begin(key, 2, at(50)).continued) << "1 comes before 2";
  EXPECT_TRUE(begin(key, 1, at(50)).continued);
  EXPECT_FALSE(begin(key, 1, at(60)).continued) << "it has begun already";
  EXPECT_EQ(step(key).attempt, 1);
  EXPECT_EQ(step(key).attempt_started, at(50));
  EXPECT_EQ(step(key).started, at(40));
  EXPECT_FALSE(step(key).due);
  EXPECT_TRUE(record(key, ended(1, 2)).recorded);
}

TEST_P(AttemptTest, ThatEndedSaysWhenItsBodyBegan) {
  const Key key = with_waiting_step("a");
  begin(key, 1, at(50));
  StepResult first = failed(1, 1, at(77));
  first.began = at(55);
  record(key, first);
  EXPECT_EQ(step(key).failures.at(0).started, at(55));
  begin(key, 2, at(80));
  StepResult last = ended(1, 2, "1", 2);
  last.began = at(88);
  record(key, last);
  EXPECT_EQ(step(key).attempt_started, at(88));
}

TEST_P(AttemptTest, ThatIsWithdrawnLeavesTheStepAsItWas) {
  const Key key = with_waiting_step("a");
  const StepRow before = step(key);
  begin(key, 1, at(50));
  EXPECT_TRUE(record(key, withdrawn(1, at(40))).recorded);
  StepRow expected = before;
  expected.attempt_started = at(50);
  EXPECT_EQ(step(key), expected);
  EXPECT_TRUE(begin(key, 1, at(90)).continued) << "the same number again";
  record(key, failed(1, 1, at(95)));
  begin(key, 2, at(99));
  EXPECT_TRUE(record(key, withdrawn(2, at(99))).recorded);
  EXPECT_EQ(step(key).attempt, 1);
  EXPECT_EQ(step(key).due, at(99));
  EXPECT_EQ(step(key).failures.size(), 1U);
  EXPECT_EQ(step(key).crashes, 0);
}

TEST_P(AttemptTest, ThatBeganWithItsStepMayBeWithdrawnAsWell) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  EXPECT_TRUE(record(key, withdrawn(1, at(60))).recorded);
  EXPECT_EQ(step(key).attempt, 0);
  EXPECT_EQ(step(key).due, at(60));
  EXPECT_TRUE(step(key).failures.empty());
}

TEST_P(AttemptTest, IsWithdrawnOnce) {
  const Key key = with_waiting_step("a");
  begin(key, 1, at(50));
  EXPECT_TRUE(record(key, withdrawn(1, at(40))).recorded);
  const History before = history(key);
  EXPECT_TRUE(record(key, withdrawn(1, at(41))).recorded) << "already";
  EXPECT_FALSE(record(key, withdrawn(2, at(41))).recorded) << "not begun";
  EXPECT_EQ(history(key), before);
}

TEST_P(AttemptTest, IsWithdrawnInEveryUnfinishedStatusAndInNoOther) {
  for (const Status status : reachable_statuses()) {
    const Key key = with_open_step(status);
    const Advanced outcome = record(key, withdrawn(1, at(60)));
    EXPECT_EQ(outcome.recorded, !is_finished(status));
    EXPECT_EQ(outcome.status, status);
    EXPECT_EQ(step(key).attempt, is_finished(status) ? 1 : 0);
  }
}

TEST_P(AttemptTest, OfASleepOrOfAnEndedStepIsNeverWithdrawn) {
  const Key key = create_in(Status::running, "a");
  start_wait(key, 1, "t");
  EXPECT_FALSE(record(key, withdrawn(1, at(60))).recorded);
  const Key other = create_in(Status::running, "b");
  start_step(other, 1);
  record(other, ended(1, 2));
  EXPECT_FALSE(record(other, withdrawn(1, at(60))).recorded);
}

TEST_P(AttemptTest, ThatIsWithdrawnNeitherFailedNorEnded) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  StepResult result = withdrawn(1, at(60));
  result.error = ErrorRecord{"Error", "no"};
  EXPECT_THROW(record(key, result), Error);
  result = withdrawn(1, at(60));
  result.interrupted = true;
  EXPECT_THROW(record(key, result), Error);
}

}  // namespace
}  // namespace cairn::testing
