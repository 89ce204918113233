#include "tests/storage/store_fixture.hpp"

// Laws of Control: every command in every status, against the one table of `status.hpp`.
namespace cairn::testing {
namespace {

class ControlTest : public StoreTest {
 protected:
  // What the table says, and whether it says that nothing is to be done.
  struct Expected {
    std::optional<Status> after;
    bool nothing_to_do = false;
  };

  static Expected expected(Status from, Command command, bool idle) {
    const bool paused = from == Status::paused || from == Status::waiting_for_pause;
    switch (command) {
      case Command::pause:
        if (paused) return {from, true};
        return {next(from, idle ? Cause::pause_idle : Cause::pause)};
      case Command::resume:
        if (!paused && !is_finished(from)) return {from, true};
        return {next(from, Cause::resume)};
      case Command::terminate:
        return {next(from, Cause::terminate)};
      case Command::restart:
        return {next(from, Cause::restart)};
    }
    return {};
  }

  static Errc refusal(Command command) {
    switch (command) {
      case Command::pause:
        return Errc::cannot_pause;
      case Command::resume:
        return Errc::cannot_resume;
      case Command::terminate:
        return Errc::cannot_terminate;
      case Command::restart:
        return Errc::cannot_restart;
    }
    return Errc::internal;
  }

  void expect_as_in_table(Status from, Command command, bool idle) {
    SCOPED_TRACE("from " + std::to_string(static_cast<int>(from)) + " command " +
                 std::to_string(static_cast<int>(command)) + (idle ? " idle" : ""));
    const Key key = create_in(from, "i" + std::to_string(store().ownership().next_key));
    const History before = history(key);
    const Controlled outcome = control(key, command, idle);
    const Expected wanted = expected(from, command, idle);
    EXPECT_EQ(outcome.before, from);
    EXPECT_EQ(outcome.after, wanted.after.value_or(from));
    EXPECT_EQ(outcome.changed, wanted.after && !wanted.nothing_to_do);
    EXPECT_EQ(outcome.refused, wanted.after ? std::nullopt : std::optional{refusal(command)});
    EXPECT_EQ(outcome.run, history(key).row.run);
    EXPECT_EQ(row(key).status, outcome.after);
    if (!outcome.changed) {
      EXPECT_EQ(history(key), before);
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, ControlTest,
                         ::testing::Values(Kind::memory, Kind::sqlite_file, Kind::sqlite_memory), name_of);

TEST_P(ControlTest, EveryCommandInEveryStatusDoesWhatTheTableSays) {
  for (const Status from : reachable_statuses()) {
    for (const Command command : {Command::pause, Command::resume, Command::terminate, Command::restart}) {
      expect_as_in_table(from, command, true);
      expect_as_in_table(from, command, false);
    }
  }
}

TEST_P(ControlTest, OnlyAParkedInstanceIsResumedIfThatIsAskedFor) {
  const auto resume = [&](Key key) {
    return apply<Controlled>(Control{.key = key, .command = Command::resume, .if_parked = true});
  };
  for (const Status status : reachable_statuses()) {
    const Key key = create_in(status, "i" + std::to_string(static_cast<int>(status)));
    const InstanceRow before = row(key);
    const Controlled outcome = resume(key);
    EXPECT_FALSE(outcome.changed || outcome.refused) << to_string(status);
    EXPECT_EQ(row(key), before);
  }
  const Key key = create_in(Status::running, "parked");
  Advance park = advance(store(), key);
  park.leave = Cause::park;
  park.error = ErrorRecord{"NonDeterminism", "other code"};
  apply<Advanced>(park);
  EXPECT_TRUE(resume(key).changed);
  EXPECT_EQ(row(key).status, Status::queued);
  EXPECT_FALSE(resume(key).changed);
}

TEST_P(ControlTest, AnInstanceThatIsNotThereIsNotFound) {
  for (const Command command : {Command::pause, Command::resume, Command::terminate, Command::restart}) {
    EXPECT_EQ(control(77, command).refused, Errc::instance_not_found);
    EXPECT_EQ(control(Key{1} << 40, command).refused, Errc::instance_not_found);
  }
}

TEST_P(ControlTest, APauseNotesTheTimeOfTheRequestAndClearsTheWakeTime) {
  const Key key = create_in(Status::waiting, "a");
  apply<Controlled>(Control{key, Command::pause, true, 0}, at(7'000));
  EXPECT_EQ(row(key).paused_at, at(7'000));
  EXPECT_EQ(row(key).modified, at(7'000));
  EXPECT_FALSE(row(key).wake_at);
}

TEST_P(ControlTest, ASecondPauseKeepsTheTimeOfTheFirst) {
  const Key key = create_in(Status::running, "a");
  apply<Controlled>(Control{key, Command::pause, false, 0}, at(7'000));
  apply<Controlled>(Control{key, Command::pause, true, 0}, at(8'000));
  EXPECT_EQ(row(key).paused_at, at(7'000));
  EXPECT_EQ(row(key).status, Status::waiting_for_pause);
}

TEST_P(ControlTest, PausedTimeIsCountedFromTheRequestAndAddsUp) {
  const Key key = create_in(Status::running, "a");
  apply<Controlled>(Control{key, Command::pause, false, 0}, at(7'000));
  leave(key, Cause::quiesce);
  EXPECT_EQ(row(key).paused_at, at(7'000));
  apply<Controlled>(Control{key, Command::resume, true, 0}, at(9'000));
  EXPECT_EQ(row(key).paused_for, Duration{2'000});
  EXPECT_FALSE(row(key).paused_at);
  EXPECT_EQ(row(key).wake_at, at(9'000));
  apply<Controlled>(Control{key, Command::pause, true, 0}, at(20'000));
  apply<Controlled>(Control{key, Command::resume, true, 0}, at(20'500));
  EXPECT_EQ(row(key).paused_for, Duration{2'500});
}

TEST_P(ControlTest, AClockSetBackNeverShortensThePausedTime) {
  const Key key = create("a");
  apply<Controlled>(Control{key, Command::pause, true, 0}, at(7'000));
  apply<Controlled>(Control{key, Command::resume, true, 0}, at(1'000));
  EXPECT_EQ(row(key).paused_for, Duration{0});
}

TEST_P(ControlTest, PausedTimeDoesNotOverflow) {
  const Key key = create("a");
  apply<Controlled>(Control{key, Command::pause, true, 0}, Time::min());
  apply<Controlled>(Control{key, Command::resume, true, 0}, Time::max());
  EXPECT_EQ(row(key).paused_for, Duration::max());
  apply<Controlled>(Control{key, Command::pause, true, 0}, at(0));
  apply<Controlled>(Control{key, Command::resume, true, 0}, at(10));
  EXPECT_EQ(row(key).paused_for, Duration::max());
}

TEST_P(ControlTest, ResumingWhilePausingGoesOnRunning) {
  const Key key = create_in(Status::waiting_for_pause, "a");
  apply<Controlled>(Control{key, Command::resume, true, 0}, at(2'000'000));
  EXPECT_EQ(row(key).status, Status::running);
  EXPECT_EQ(row(key).wake_at, at(2'000'000));
}

TEST_P(ControlTest, TerminateEndsNowAndFixesTheExpiry) {
  const Key key = create_in(Status::waiting, "a", {.success = Duration{1}, .error = Duration{500}});
  apply<Controlled>(Control{key, Command::terminate, true, 0}, at(7'000));
  EXPECT_EQ(row(key).ended, at(7'000));
  EXPECT_EQ(row(key).expires, at(7'500));
  EXPECT_FALSE(row(key).wake_at);
}

TEST_P(ControlTest, TerminateEndsAPause) {
  const Key key = create("a");
  apply<Controlled>(Control{key, Command::pause, true, 0}, at(7'000));
  apply<Controlled>(Control{key, Command::terminate, true, 0}, at(7'250));
  EXPECT_FALSE(row(key).paused_at);
  EXPECT_EQ(row(key).paused_for, Duration{250});
}

TEST_P(ControlTest, ARestartForgetsTheRunAndKeepsTheInstance) {
  const Retention retention{.success = Duration{1}, .error = Duration{500}};
  const Key key = create("a", retention);
  enter(key);
  start_step(key, 1);
  record(key, failed(1, 1, at(10)));
  send(key, "t");
  control(key, Command::pause);
  control(key, Command::resume);
  enter(key);
  leave(key, Cause::fail);
  const History before = history(key);
  const Defined newer = define("orders", "2");
  const auto outcome = apply<Controlled>(Control{key, Command::restart, true, newer.version}, at(9'000));

  InstanceRow expected;
  expected.key = key;
  expected.workflow = newer.workflow;
  expected.version = newer.version;
  expected.id = "a";
  expected.run = 2;
  expected.wake_at = expected.modified = at(9'000);
  expected.created = before.row.created;
  expected.retention = retention;
  const History after = history(key);
  EXPECT_EQ(outcome.run, 2);
  EXPECT_EQ(after.row, expected);
  EXPECT_EQ(after.params, before.params);
  EXPECT_TRUE(after.steps.empty());
  EXPECT_TRUE(after.events.empty());
  EXPECT_FALSE(after.error);
}

TEST_P(ControlTest, ARestartForgetsTheOutputAndTheNeighboursKeepTheirs) {
  const Key first = create_in(Status::complete, "a");
  const Key second = create_in(Status::complete, "b");
  const Key third = create_in(Status::complete, "c");
  control(second, Command::restart);
  EXPECT_EQ(history(first).output, "\"output\"");
  EXPECT_EQ(history(second).output, "");
  EXPECT_EQ(history(third).output, "\"output\"");
}

TEST_P(ControlTest, AfterARestartTheOldRunIsNotFound) {
  const Key key = create_in(Status::running, "a");
  start_step(key, 1);
  Advance late = advance(store(), key);
  late.results.push_back(ended(1, 2));
  control(key, Command::restart);
  const Advanced outcome = apply<Advanced>(late);
  EXPECT_FALSE(outcome.found);
  EXPECT_FALSE(outcome.recorded);
  EXPECT_TRUE(history(key).steps.empty());
}

TEST_P(ControlTest, AnUnknownVersionIsRefusedBeforeAnythingIsWritten) {
  const Key key = create("a");
  EXPECT_THROW(apply<Controlled>(Control{key, Command::restart, true, 99}), Error);
  EXPECT_EQ(row(key).run, 1);
}

TEST_P(ControlTest, AnUnknownCommandIsRefusedAndChangesNothing) {
  const Key key = create("a");
  const History before = history(key);
  const Controlled outcome = control(key, static_cast<Command>(99));
  EXPECT_EQ(outcome.refused, Errc::internal);
  EXPECT_FALSE(outcome.changed);
  EXPECT_EQ(history(key), before);
}

TEST_P(ControlTest, ResumeForgetsTheErrorOfAPark) {
  const Key key = create("a");
  leave(key, Cause::park);
  EXPECT_EQ(history(key).error, (ErrorRecord{"Error", "why"}));
  EXPECT_TRUE(row(key).paused_at);
  control(key, Command::resume);
  EXPECT_FALSE(history(key).error);
}

}  // namespace
}  // namespace cairn::testing
