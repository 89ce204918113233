#include "tests/storage/advance_fixture.hpp"

// Laws of Advance: when a continuation is taken.
namespace cairn::testing {
namespace {

using namespace std::chrono_literals;

using AdvanceContinuationTest = AdvanceTest;
INSTANTIATE_TEST_SUITE_P(Stores, AdvanceContinuationTest,
                         ::testing::Values(Kind::memory, Kind::sqlite_file, Kind::sqlite_memory), name_of);

TEST_P(AdvanceContinuationTest, EveryEntryIsTakenExactlyWhereTheTableHasIt) {
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

TEST_P(AdvanceContinuationTest, EveryLeaveIsTakenExactlyWhereTheTableHasIt) {
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

TEST_P(AdvanceContinuationTest, CausesOfOthersAreNoEntriesAndNoLeaves) {
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

TEST_P(AdvanceContinuationTest, StepsBeginOnlyWhileRunning) {
  for (const Status from : reachable_statuses()) {
    const Key key = create_in(from, "b" + std::to_string(store().ownership().next_key));
    EXPECT_EQ(start_step(key, 1).continued, from == Status::running);
    EXPECT_EQ(history(key).steps.size(), from == Status::running ? 1U : 0U);
  }
}

TEST_P(AdvanceContinuationTest, OneChangeMayEnterStartAndLeave) {
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

TEST_P(AdvanceContinuationTest, AContinuationIsTakenOrRefusedAsAWhole) {
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

TEST_P(AdvanceContinuationTest, APauseThatCommitsFirstRefusesTheContinuationButKeepsTheResult) {
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

TEST_P(AdvanceContinuationTest, ARefusedResultRefusesWhatTheCodeHasMadeOfIt) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  start_step(key, 2);
  Advance change = advance(store(), key);
  change.results = {ended(1, 3), ended(2, 4, "1", 2)};  // there was no second attempt
  change.starts.push_back({.started_seq = 5, .name = "next", .config = "", .event_type = ""});
  const Advanced started = apply<Advanced>(change);
  EXPECT_FALSE(started.recorded);
  EXPECT_FALSE(started.continued);
  EXPECT_EQ(history(key).steps.size(), 2U) << "nothing has begun";
  EXPECT_EQ(history(key).steps[0].ended_seq, 3) << "the other result counts";

  change.starts.clear();
  change.leave = Cause::complete;
  change.output = "1";
  EXPECT_FALSE(apply<Advanced>(change).continued);
  EXPECT_EQ(row(key).status, Status::running);
}

TEST_P(AdvanceContinuationTest, APauseIsOverWithTheLastBodyWhateverThatHasBrought) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  control(key, Command::pause, false);
  Advance change = advance(store(), key);
  change.results = {ended(1, 2, "1", 2)};
  change.leave = Cause::quiesce;
  const Advanced outcome = apply<Advanced>(change);
  EXPECT_FALSE(outcome.recorded);
  EXPECT_TRUE(outcome.continued);
  EXPECT_EQ(row(key).status, Status::paused);
}

TEST_P(AdvanceContinuationTest, ATerminateThatCommitsFirstRefusesBoth) {
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

TEST_P(AdvanceContinuationTest, StartsAreNumberedUpwards) {
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

TEST_P(AdvanceContinuationTest, StartedIsSetOnceInARun) {
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

TEST_P(AdvanceContinuationTest, OnlyWaitAndRequeueLeaveAWakeTime) {
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

TEST_P(AdvanceContinuationTest, CompleteKeepsTheOutputAndFixesTheExpiry) {
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

TEST_P(AdvanceContinuationTest, FailKeepsTheErrorAndFixesTheExpiry) {
  const Key key = create("a", {.success = Duration{50}, .error = Duration{70}});
  enter(key);
  Advance change = advance(store(), key);
  change.leave = Cause::fail;
  const ErrorRecord error{"PaymentError", "no money"};
  change.error = error;
  apply<Advanced>(change, at(1'000));
  EXPECT_EQ(history(key).error, error);
  EXPECT_EQ(row(key).expires, at(1'070));
}

TEST_P(AdvanceContinuationTest, WithoutRetentionAnInstanceIsKept) {
  for (const Status status : {Status::complete, Status::errored, Status::terminated}) {
    const Key key = create_in(status, "k" + std::to_string(static_cast<int>(status)));
    EXPECT_TRUE(row(key).ended);
    EXPECT_FALSE(row(key).expires);
  }
}

TEST_P(AdvanceContinuationTest, TheExpiryDoesNotOverflow) {
  const Key key = create("a", {.success = duration_max, .error = duration_max});
  apply<Controlled>(Control{key, Command::terminate, true, 0}, Time::max());
  EXPECT_EQ(row(key).expires, Time::max());
}

TEST_P(AdvanceContinuationTest, ModifiedIsTheTimeOfTheLastChange) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  Advance change = advance(store(), key);
  change.results = {ended(1, 2)};
  apply<Advanced>(change, at(3'000'001));
  EXPECT_EQ(row(key).modified, at(3'000'001));
  apply<Advanced>(change, at(3'000'002));
  EXPECT_EQ(row(key).modified, at(3'000'001)) << "nothing was changed";
}

TEST_P(AdvanceContinuationTest, StepsMoveModifiedAtMostOnceASecond) {
  const Key key = create_in(Status::running, "a");
  const Time before = row(key).modified;
  Advance change{.key = key, .run = 1};
  change.starts = {StepStart{.started_seq = 1, .name = "step", .at = before}};
  apply<Advanced>(change, before + 999ms);
  EXPECT_EQ(row(key).modified, before);
  change = {.key = key, .run = 1, .results = {ended(1, 2)}};
  apply<Advanced>(change, before + 1s);
  EXPECT_EQ(row(key).modified, before + 1s);
  change = {.key = key, .run = 1, .leave = Cause::complete};
  apply<Advanced>(change, before + 1s + 1ms);
  EXPECT_EQ(row(key).modified, before + 1s + 1ms) << "a change of status always moves it";
}

TEST_P(AdvanceContinuationTest, ARefusedChangeDoesNotTouchItsNeighbours) {
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
