#include "tests/storage/advance_fixture.hpp"

// Laws of Advance: what fences a result.
namespace cairn::testing {
namespace {

using AdvanceResultTest = AdvanceTest;
INSTANTIATE_TEST_SUITE_P(Stores, AdvanceResultTest,
                         ::testing::Values(Kind::memory, Kind::sqlite_file, Kind::sqlite_memory), name_of);

TEST_P(AdvanceResultTest, AStepIsKeptAsItBegan) {
  const Key key = create_in(Status::running, "a");
  Advance change = advance(store(), key);
  change.starts.push_back({3, StepKind::sleep, "nap \xc3\xa4", 2, "{\"d\":1}", "", at(50), true, at(40)});
  change.starts.push_back(
      {5, StepKind::wait_for_event, "wait", 1, "", "approved", std::nullopt, false, at(41)});
  change.starts.push_back({6, StepKind::step, "", 1, "", "", std::nullopt, false, at(42)});
  EXPECT_TRUE(apply<Advanced>(change).continued);
  const auto steps = history(key).steps;
  ASSERT_EQ(steps.size(), 3U);
  StepRow nap;
  nap.started_seq = 3;
  nap.kind = StepKind::sleep;
  nap.name = "nap \xc3\xa4";
  nap.count = 2;
  nap.config = "{\"d\":1}";
  nap.started = nap.attempt_started = at(40);
  nap.due = at(50);
  nap.due_fixed = true;
  EXPECT_EQ(steps[0], nap);
  EXPECT_EQ(steps[1].event_type, "approved");
  EXPECT_FALSE(steps[1].due);
  EXPECT_EQ(steps[2].attempt, 1);
  EXPECT_EQ(steps[2].attempt_started, at(42));
}

TEST_P(AdvanceResultTest, AResultIsRecordedInEveryUnfinishedStatusAndInNoOther) {
  for (const Status status : reachable_statuses()) {
    const Key key = with_open_step(status);
    const Advanced outcome = record(key, ended(1, 2, "{\"kept\":true}"));
    EXPECT_EQ(outcome.recorded, !is_finished(status));
    EXPECT_TRUE(outcome.continued);
    EXPECT_EQ(outcome.status, status);
    const StepRow step = history(key).steps.at(0);
    EXPECT_EQ(step.output, is_finished(status) ? "" : "{\"kept\":true}");
    EXPECT_EQ(step.ended_seq.has_value(), !is_finished(status));
  }
}

TEST_P(AdvanceResultTest, AResultIsRecordedOnce) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  EXPECT_TRUE(record(key, ended(1, 2, "1")).recorded);
  const History before = history(key);
  EXPECT_TRUE(record(key, ended(1, 2, "2")).recorded);
  EXPECT_FALSE(record(key, ended(1, 3, "3")).recorded);
  EXPECT_EQ(history(key), before);
  leave(key, Cause::complete);
  EXPECT_TRUE(record(key, ended(1, 2, "4")).recorded);
  EXPECT_EQ(history(key).steps, before.steps);
}

TEST_P(AdvanceResultTest, AResultOfAnotherAttemptRunOrStepIsRefused) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  EXPECT_FALSE(record(key, ended(1, 3, "1", 2)).recorded);
  EXPECT_FALSE(record(key, ended(1, 3, "1", 0)).recorded);
  EXPECT_FALSE(record(key, ended(2, 3)).recorded);
  EXPECT_FALSE(record(key, ended(0, 3)).recorded);
  EXPECT_FALSE(record(key, ended((Sequence{1} << 24) + 1, (Sequence{1} << 24) + 2)).recorded);
  Advance other_run = advance(store(), key);
  other_run.run = 2;
  other_run.results.push_back(ended(1, 3));
  const Advanced outcome = apply<Advanced>(other_run);
  EXPECT_FALSE(outcome.found);
  EXPECT_FALSE(outcome.recorded);
  EXPECT_EQ(outcome.status, Status::running);
  EXPECT_FALSE(history(key).steps.at(0).ended_seq);
}

TEST_P(AdvanceResultTest, AnInstanceThatIsNotThereIsNotFound) {
  Advance change;
  change.key = 12'345;
  const Advanced outcome = apply<Advanced>(change);
  EXPECT_FALSE(outcome.found);
  EXPECT_FALSE(outcome.recorded);
  EXPECT_FALSE(outcome.continued);
}

TEST_P(AdvanceResultTest, ResultsAreAcceptedOneByOne) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  start_step(key, 2);
  Advance change = advance(store(), key);
  change.results = {ended(1, 3), ended(7, 8), ended(2, 5)};
  EXPECT_FALSE(apply<Advanced>(change).recorded);
  EXPECT_EQ(history(key).steps[0].ended_seq, 3);
  EXPECT_EQ(history(key).steps[1].ended_seq, 5);
}

TEST_P(AdvanceResultTest, AFailedAttemptWaitsForItsRetry) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  StepResult crash = failed(1, 1, at(77));
  crash.interrupted = true;
  EXPECT_TRUE(record(key, crash).recorded);
  StepRow step = history(key).steps.at(0);
  EXPECT_EQ(step.due, at(77));
  EXPECT_EQ(step.attempt, 1);
  EXPECT_EQ(step.crashes, 1);
  ASSERT_EQ(step.failures.size(), 1U);
  EXPECT_EQ(step.failures[0].started, step.started);
  EXPECT_EQ(step.failures[0].ended, crash.at);
  EXPECT_EQ(step.failures[0].error, crash.error->record());
  EXPECT_TRUE(step.failures[0].interrupted);
  EXPECT_FALSE(step.ended_seq);
  EXPECT_FALSE(step.error);
}

TEST_P(AdvanceResultTest, AnAttemptFollowsTheFailedOne) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  Advance next_attempt = advance(store(), key);
  next_attempt.attempts = {{1, 2, at(90)}};
  EXPECT_FALSE(apply<Advanced>(next_attempt).continued) << "the first is still in flight";
  record(key, failed(1, 1, at(77)));
  next_attempt.attempts[0].attempt = 3;
  EXPECT_FALSE(apply<Advanced>(next_attempt).continued) << "2 comes before 3";
  next_attempt.attempts[0].attempt = 2;
  EXPECT_TRUE(apply<Advanced>(next_attempt).continued);
  EXPECT_FALSE(apply<Advanced>(next_attempt).continued) << "it has begun already";
  const StepRow step = history(key).steps.at(0);
  EXPECT_EQ(step.attempt, 2);
  EXPECT_EQ(step.attempt_started, at(90));
  EXPECT_FALSE(step.due);
  EXPECT_EQ(step.failures.size(), 1U);
}

TEST_P(AdvanceResultTest, AFailureIsRecordedOnce) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  EXPECT_TRUE(record(key, failed(1, 1, at(77))).recorded);
  const History before = history(key);
  EXPECT_TRUE(record(key, failed(1, 1, at(88))).recorded);
  EXPECT_FALSE(record(key, ended(1, 2)).recorded) << "the attempt is over";
  EXPECT_FALSE(record(key, failed(1, 2, at(88))).recorded) << "not begun";
  EXPECT_EQ(history(key), before);
}

TEST_P(AdvanceResultTest, ALateResultOfAnEarlierAttemptIsRefused) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  record(key, failed(1, 1, at(77)));
  Advance next_attempt = advance(store(), key);
  next_attempt.attempts = {{1, 2, at(90)}};
  apply<Advanced>(next_attempt);
  EXPECT_FALSE(record(key, ended(1, 2, "late", 1)).recorded);
  EXPECT_TRUE(record(key, failed(1, 1, at(88))).recorded) << "recorded before";
  EXPECT_TRUE(record(key, ended(1, 2, "good", 2)).recorded);
  EXPECT_EQ(history(key).steps.at(0).output, "good");
  EXPECT_EQ(history(key).steps.at(0).failures.size(), 1U);
}

TEST_P(AdvanceResultTest, ManyAttemptsComeBackInOrder) {
  const Key first = create_in(Status::running, "a");
  const Key second = create_in(Status::running, "b");
  for (const Key key : {first, second}) start_step(key, 1);
  for (int attempt = 1; attempt <= 12; ++attempt) {
    for (const Key key : {first, second}) {
      record(key, failed(1, attempt, at(100 + attempt)));
      Advance change = advance(store(), key);
      change.attempts = {{1, attempt + 1, at(200 + attempt)}};
      EXPECT_TRUE(apply<Advanced>(change).continued);
    }
  }
  const StepRow step = history(first).steps.at(0);
  ASSERT_EQ(step.failures.size(), 12U);
  for (int attempt = 1; attempt <= 12; ++attempt) {
    EXPECT_EQ(step.failures[static_cast<std::size_t>(attempt - 1)].error->message,
              "attempt " + std::to_string(attempt));
  }
}

TEST_P(AdvanceResultTest, AStepThatEndsInErrorKeepsTheErrorAndNoOutput) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  StepResult result = ended(1, 2, "\"not kept\"");
  result.error = ErrorRecord{"WorkflowTimeoutError", "too slow \xe2\x82\xac"};
  EXPECT_TRUE(record(key, result).recorded);
  const StepRow step = history(key).steps.at(0);
  EXPECT_EQ(step.error, result.error->record());
  EXPECT_EQ(step.output, "");
  EXPECT_EQ(step.ended, result.at);
  EXPECT_TRUE(step.failures.empty());
}

TEST_P(AdvanceResultTest, SleepsAndWaitsAreNotTriedAgain) {
  const Key key = create_in(Status::running, "a");
  start_wait(key, 1, "t");
  EXPECT_FALSE(record(key, failed(1, 1, at(5))).recorded);
  EXPECT_TRUE(record(key, ended(1, 2)).recorded);
}

TEST_P(AdvanceResultTest, AResultThatBothEndsAndIsTriedAgainIsNoResult) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  StepResult both = ended(1, 2);
  both.retry_due = at(5);
  EXPECT_THROW(record(key, both), Error);
  StepResult neither = ended(1, 2);
  neither.ended_seq.reset();
  EXPECT_THROW(record(key, neither), Error);
}

TEST_P(AdvanceResultTest, OutputsComeBackByteForByte) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  const std::string output = "\"" + std::string(200'000, 'o') + "\xf0\x9f\xaa\xa8\"";
  record(key, ended(1, 2, output));
  EXPECT_EQ(history(key).steps.at(0).output, output);
}

}  // namespace
}  // namespace cairn::testing
