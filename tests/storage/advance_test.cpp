#include "tests/storage/store_fixture.hpp"

#include <set>

// Laws of Advance: what fences a result, and when a continuation is taken.
namespace cairn::testing {
namespace {

class AdvanceTest : public StoreTest {
 protected:
  // An instance with one step in flight that is then brought into `status`.
  Key with_open_step(Status status) {
    const Key key = create_in(Status::running, "s" + std::to_string(static_cast<int>(status)));
    start_step(key, 1);
    switch (status) {
      case Status::queued:
        leave(key, Cause::wait);
        leave(key, Cause::requeue);
        break;
      case Status::running:
        break;
      case Status::paused:
        control(key, Command::pause, true);
        break;
      case Status::errored:
        leave(key, Cause::fail);
        break;
      case Status::terminated:
        control(key, Command::terminate);
        break;
      case Status::complete:
        leave(key, Cause::complete);
        break;
      case Status::waiting_for_pause:
        control(key, Command::pause, false);
        break;
      default:
        leave(key, Cause::wait);
        break;
    }
    EXPECT_EQ(row(key).status, status);
    return key;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, AdvanceTest,
                         ::testing::Values(Kind::memory, Kind::sqlite_file, Kind::sqlite_memory), name_of);

// -------------------------------------------------------------------------------------------------------
// results

TEST_P(AdvanceTest, AStepIsKeptAsItBegan) {
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

TEST_P(AdvanceTest, AResultIsRecordedInEveryUnfinishedStatusAndInNoOther) {
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

TEST_P(AdvanceTest, AResultIsRecordedOnce) {
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

TEST_P(AdvanceTest, AResultOfAnotherAttemptRunOrStepIsRefused) {
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

TEST_P(AdvanceTest, AnInstanceThatIsNotThereIsNotFound) {
  Advance change;
  change.key = 12'345;
  const Advanced outcome = apply<Advanced>(change);
  EXPECT_FALSE(outcome.found);
  EXPECT_FALSE(outcome.recorded);
  EXPECT_FALSE(outcome.continued);
}

TEST_P(AdvanceTest, ResultsAreAcceptedOneByOne) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  start_step(key, 2);
  Advance change = advance(store(), key);
  change.results = {ended(1, 3), ended(7, 8), ended(2, 5)};
  EXPECT_FALSE(apply<Advanced>(change).recorded);
  EXPECT_EQ(history(key).steps[0].ended_seq, 3);
  EXPECT_EQ(history(key).steps[1].ended_seq, 5);
}

TEST_P(AdvanceTest, AFailedAttemptWaitsForItsRetry) {
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
  EXPECT_EQ(step.failures[0].error, crash.error);
  EXPECT_TRUE(step.failures[0].interrupted);
  EXPECT_FALSE(step.ended_seq);
  EXPECT_FALSE(step.error);
}

TEST_P(AdvanceTest, AnAttemptFollowsTheFailedOne) {
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

TEST_P(AdvanceTest, AFailureIsRecordedOnce) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  EXPECT_TRUE(record(key, failed(1, 1, at(77))).recorded);
  const History before = history(key);
  EXPECT_TRUE(record(key, failed(1, 1, at(88))).recorded);
  EXPECT_FALSE(record(key, ended(1, 2)).recorded) << "the attempt is over";
  EXPECT_FALSE(record(key, failed(1, 2, at(88))).recorded) << "not begun";
  EXPECT_EQ(history(key), before);
}

TEST_P(AdvanceTest, ALateResultOfAnEarlierAttemptIsRefused) {
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

TEST_P(AdvanceTest, ManyAttemptsComeBackInOrder) {
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

TEST_P(AdvanceTest, AStepThatEndsInErrorKeepsTheErrorAndNoOutput) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  StepResult result = ended(1, 2, "\"not kept\"");
  result.error = ErrorRecord{"WorkflowTimeoutError", "too slow \xe2\x82\xac"};
  EXPECT_TRUE(record(key, result).recorded);
  const StepRow step = history(key).steps.at(0);
  EXPECT_EQ(step.error, result.error);
  EXPECT_EQ(step.output, "");
  EXPECT_EQ(step.ended, result.at);
  EXPECT_TRUE(step.failures.empty());
}

TEST_P(AdvanceTest, SleepsAndWaitsAreNotTriedAgain) {
  const Key key = create_in(Status::running, "a");
  start_wait(key, 1, "t");
  EXPECT_FALSE(record(key, failed(1, 1, at(5))).recorded);
  EXPECT_TRUE(record(key, ended(1, 2)).recorded);
}

TEST_P(AdvanceTest, AResultThatBothEndsAndIsTriedAgainIsNoResult) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  StepResult both = ended(1, 2);
  both.retry_due = at(5);
  EXPECT_THROW(record(key, both), Error);
  StepResult neither = ended(1, 2);
  neither.ended_seq.reset();
  EXPECT_THROW(record(key, neither), Error);
}

TEST_P(AdvanceTest, OutputsComeBackByteForByte) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  const std::string output = "\"" + std::string(200'000, 'o') + "\xf0\x9f\xaa\xa8\"";
  record(key, ended(1, 2, output));
  EXPECT_EQ(history(key).steps.at(0).output, output);
}

// --------------------------------------------------------------------------------------------------
// continuations

TEST_P(AdvanceTest, EveryEntryIsTakenExactlyWhereTheTableHasIt) {
  for (const Status from : reachable_statuses()) {
    for (const Cause cause : {Cause::start, Cause::wake}) {
      const Key key = create_in(from, "e" + std::to_string(store().ownership().next_key));
      const History before = history(key);
      const Advanced outcome = enter(key, cause);
      EXPECT_EQ(outcome.continued, next(from, cause).has_value());
      EXPECT_EQ(outcome.status, next(from, cause).value_or(from));
      if (!outcome.continued) {
        EXPECT_EQ(history(key), before);
      }
    }
  }
}

TEST_P(AdvanceTest, EveryLeaveIsTakenExactlyWhereTheTableHasIt) {
  const auto causes = {Cause::wait,     Cause::requeue, Cause::quiesce,
                       Cause::complete, Cause::fail,    Cause::park};
  for (const Status from : reachable_statuses()) {
    for (const Cause cause : causes) {
      const Key key = create_in(from, "l" + std::to_string(store().ownership().next_key));
      const History before = history(key);
      const Advanced outcome = leave(key, cause, at(123));
      EXPECT_EQ(outcome.continued, next(from, cause).has_value());
      EXPECT_EQ(outcome.status, next(from, cause).value_or(from));
      if (!outcome.continued) {
        EXPECT_EQ(history(key), before);
      }
    }
  }
}

TEST_P(AdvanceTest, CausesOfOthersAreNoEntriesAndNoLeaves) {
  const Key key = create_in(Status::running, "a");
  const Key queued = create("b");
  for (const Cause cause : {Cause::pause, Cause::pause_idle, Cause::resume, Cause::terminate, Cause::recover,
                            Cause::restart, Cause::start, Cause::wake}) {
    EXPECT_FALSE(leave(key, cause).continued);
    EXPECT_FALSE(leave(queued, cause).continued);
  }
  for (const Cause cause : {Cause::pause, Cause::terminate, Cause::recover, Cause::restart, Cause::park}) {
    EXPECT_FALSE(enter(queued, cause).continued);
  }
}

TEST_P(AdvanceTest, StepsBeginOnlyWhileRunning) {
  for (const Status from : reachable_statuses()) {
    const Key key = create_in(from, "b" + std::to_string(store().ownership().next_key));
    EXPECT_EQ(start_step(key, 1).continued, from == Status::running);
    EXPECT_EQ(history(key).steps.size(), from == Status::running ? 1U : 0U);
  }
}

TEST_P(AdvanceTest, OneChangeMayEnterStartAndLeave) {
  const Key key = create("a");
  Advance change = advance(store(), key);
  change.enter = Cause::start;
  change.starts.push_back({.started_seq = 1,
                           .kind = StepKind::sleep,
                           .name = "nap",
                           .config = "",
                           .event_type = "",
                           .due = at(60),
                           .at = at(50)});
  change.leave = Cause::wait;
  change.wake_at = at(60);
  const Advanced outcome = apply<Advanced>(change, at(50));
  EXPECT_TRUE(outcome.continued);
  EXPECT_EQ(outcome.status, Status::waiting);
  EXPECT_EQ(row(key).wake_at, at(60));
  EXPECT_EQ(row(key).started, at(50));
}

TEST_P(AdvanceTest, AContinuationIsTakenOrRefusedAsAWhole) {
  const Key key = create("a");
  Advance change = advance(store(), key);
  change.enter = Cause::start;
  change.starts.push_back({.started_seq = 1, .name = "s", .config = "", .event_type = ""});
  change.leave = Cause::requeue;
  const History before = history(key);
  EXPECT_FALSE(apply<Advanced>(change).continued);
  EXPECT_EQ(history(key), before);
  change.leave.reset();
  change.attempts = {{9, 2, at(1)}};
  EXPECT_FALSE(apply<Advanced>(change).continued);
  EXPECT_EQ(history(key), before);
}

TEST_P(AdvanceTest, APauseThatCommitsFirstRefusesTheContinuationButKeepsTheResult) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  Advance change = advance(store(), key);
  change.results = {ended(1, 2)};
  change.starts.push_back({.started_seq = 3, .name = "next", .config = "", .event_type = ""});
  const std::vector<Change> group{Control{key, Command::pause, false, 0}, change};
  const Advanced outcome = std::get<Advanced>(store().apply(group, now()).at(1));
  EXPECT_TRUE(outcome.recorded);
  EXPECT_FALSE(outcome.continued);
  EXPECT_EQ(outcome.status, Status::waiting_for_pause);
  ASSERT_EQ(history(key).steps.size(), 1U);
  EXPECT_EQ(history(key).steps[0].ended_seq, 2);
}

TEST_P(AdvanceTest, ATerminateThatCommitsFirstRefusesBoth) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  control(key, Command::terminate);
  Advance change = advance(store(), key);
  change.results = {ended(1, 2)};
  change.leave = Cause::complete;
  const Advanced outcome = apply<Advanced>(change);
  EXPECT_TRUE(outcome.found);
  EXPECT_FALSE(outcome.recorded);
  EXPECT_FALSE(outcome.continued);
  EXPECT_EQ(row(key).status, Status::terminated);
}

TEST_P(AdvanceTest, StartsAreNumberedUpwards) {
  const Key key = create_in(Status::running, "a");
  EXPECT_TRUE(start_step(key, 4).continued);
  EXPECT_FALSE(start_step(key, 4).continued);
  EXPECT_FALSE(start_step(key, 3).continued);
  EXPECT_FALSE(start_step(key, Sequence{1} << 24).continued);
  Advance change = advance(store(), key);
  change.starts.push_back({.started_seq = 6, .name = "s", .config = "", .event_type = ""});
  change.starts.push_back({.started_seq = 5, .name = "s", .config = "", .event_type = ""});
  EXPECT_FALSE(apply<Advanced>(change).continued);
  EXPECT_EQ(history(key).steps.size(), 1U);
}

TEST_P(AdvanceTest, StartedIsSetOnceInARun) {
  const Key key = create("a");
  Advance change = advance(store(), key);
  change.enter = Cause::start;
  apply<Advanced>(change, at(10));
  leave(key, Cause::wait);
  change.enter = Cause::wake;
  apply<Advanced>(change, at(20));
  EXPECT_EQ(row(key).started, at(10));
  control(key, Command::restart);
  EXPECT_FALSE(row(key).started);
}

TEST_P(AdvanceTest, OnlyWaitAndRequeueLeaveAWakeTime) {
  const Key key = create_in(Status::running, "a");
  leave(key, Cause::wait, at(500));
  EXPECT_EQ(row(key).wake_at, at(500));
  enter(key, Cause::wake);
  EXPECT_FALSE(row(key).wake_at);
  leave(key, Cause::wait);
  EXPECT_FALSE(row(key).wake_at);
  leave(key, Cause::requeue, at(600));
  EXPECT_EQ(row(key).wake_at, at(600));
  EXPECT_EQ(row(key).status, Status::queued);
  enter(key);
  EXPECT_FALSE(row(key).wake_at);
  leave(key, Cause::complete, at(700));
  EXPECT_FALSE(row(key).wake_at);
}

TEST_P(AdvanceTest, CompleteKeepsTheOutputAndFixesTheExpiry) {
  const Key key = create("a", {.success = Duration{50}, .error = Duration{70}});
  enter(key);
  Advance change = advance(store(), key);
  change.leave = Cause::complete;
  change.output = "[1]";
  apply<Advanced>(change, at(1'000));
  EXPECT_EQ(history(key).output, "[1]");
  EXPECT_EQ(row(key).ended, at(1'000));
  EXPECT_EQ(row(key).expires, at(1'050));
}

TEST_P(AdvanceTest, FailKeepsTheErrorAndFixesTheExpiry) {
  const Key key = create("a", {.success = Duration{50}, .error = Duration{70}});
  enter(key);
  Advance change = advance(store(), key);
  change.leave = Cause::fail;
  change.error = ErrorRecord{"PaymentError", "no money"};
  apply<Advanced>(change, at(1'000));
  EXPECT_EQ(history(key).error, change.error);
  EXPECT_EQ(row(key).expires, at(1'070));
}

TEST_P(AdvanceTest, WithoutRetentionAnInstanceIsKept) {
  for (const Status status : {Status::complete, Status::errored, Status::terminated}) {
    const Key key = create_in(status, "k" + std::to_string(static_cast<int>(status)));
    EXPECT_TRUE(row(key).ended);
    EXPECT_FALSE(row(key).expires);
  }
}

TEST_P(AdvanceTest, TheExpiryDoesNotOverflow) {
  const Key key = create("a", {.success = duration_max, .error = duration_max});
  apply<Controlled>(Control{key, Command::terminate, true, 0}, Time::max());
  EXPECT_EQ(row(key).expires, Time::max());
}

TEST_P(AdvanceTest, ModifiedIsTheTimeOfTheLastChange) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  Advance change = advance(store(), key);
  change.results = {ended(1, 2)};
  apply<Advanced>(change, at(3'000'001));
  EXPECT_EQ(row(key).modified, at(3'000'001));
  apply<Advanced>(change, at(3'000'002));
  EXPECT_EQ(row(key).modified, at(3'000'001)) << "nothing was changed";
}

TEST_P(AdvanceTest, ARefusedChangeDoesNotTouchItsNeighbours) {
  const Key first = create_in(Status::running, "a");
  const Key second = create_in(Status::paused, "b");
  const Key third = create_in(Status::running, "c");
  std::vector<Change> group;
  for (const Key key : {first, second, third}) {
    Advance change = advance(store(), key);
    change.starts.push_back({.started_seq = 1, .name = "s", .config = "", .event_type = ""});
    group.emplace_back(change);
  }
  const auto outcomes = store().apply(group, now());
  EXPECT_TRUE(std::get<Advanced>(outcomes[0]).continued);
  EXPECT_FALSE(std::get<Advanced>(outcomes[1]).continued);
  EXPECT_TRUE(std::get<Advanced>(outcomes[2]).continued);
  EXPECT_TRUE(history(second).steps.empty());
  EXPECT_EQ(history(third).steps.size(), 1U);
}

}  // namespace
}  // namespace cairn::testing
