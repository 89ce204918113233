#include "tests/storage/store_fixture.hpp"

#include <SQLiteCpp/Database.h>

// Laws of `MoveClock`: what moves with the wall clock, how far, and what stays.
namespace cairn::testing {
namespace {

using namespace std::chrono_literals;

constexpr Duration day = 24h;

class ClockTest : public StoreTest {
 protected:
  void set_clock(Duration by, bool doubtful = false) { apply<ClockMoved>(MoveClock{by, doubtful}); }

  // A waiting instance with one open step, which is due when it is woken.
  Key waiting(const std::string& id, Time due, bool fixed = false) {
    const Key key = create(id);
    Advance change = advance(store(), key);
    change.enter = Cause::start;
    change.starts.push_back({.started_seq = 1,
                             .kind = StepKind::sleep,
                             .name = "sleep",
                             .due = due,
                             .due_fixed = fixed,
                             .at = now()});
    change.leave = Cause::wait;
    change.wake_at = due;
    EXPECT_TRUE(apply<Advanced>(change).continued);
    return key;
  }

  // A terminated instance that expires at `expires`.
  Key expiring(const std::string& id, Time expires) {
    const Key key = create(id, {.success = std::nullopt, .error = 100ms});
    apply<Controlled>(Control{key, Command::terminate, true, 0}, expires - 100ms);
    EXPECT_EQ(row(key).expires, expires);
    return key;
  }

  StepRow step(Key key) { return history(key).steps.at(0); }
  std::vector<Key> due_keys(std::size_t limit) {
    std::vector<Key> keys;
    DueRow after{.wake_at = Time::min()};
    for (;;) {
      const std::vector<DueRow> rows = store().due(after, Time::max(), limit);
      for (const DueRow& found : rows) {
        EXPECT_EQ(row(found.key).wake_at, found.wake_at);
        keys.push_back(found.key);
      }
      if (rows.size() < limit) return keys;
      after = rows.back();
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, ClockTest,
                         ::testing::Values(Kind::memory, Kind::sqlite_file, Kind::sqlite_memory), name_of);

// A SQLite database in memory ends with its owner.
class NextClockTest : public ClockTest {};
INSTANTIATE_TEST_SUITE_P(Stores, NextClockTest, ::testing::Values(Kind::memory, Kind::sqlite_file), name_of);

class FileClockTest : public ClockTest {};
INSTANTIATE_TEST_SUITE_P(Stores, FileClockTest, ::testing::Values(Kind::sqlite_file), name_of);

TEST_P(ClockTest, ASpanKeepsItsLengthWhenTheClockIsSet) {
  const Time due = at(9'000'000'000);
  const Key key = waiting("a", due);
  EXPECT_TRUE(step(key).moves);
  set_clock(day);
  EXPECT_EQ(step(key).due, due + day);
  set_clock(-3 * day);
  EXPECT_EQ(step(key).due, due - 2 * day);
  EXPECT_TRUE(step(key).moves);
}

TEST_P(ClockTest, AFixedDueDoesNotMove) {
  const Time due = at(9'000'000'000);
  const Key key = waiting("a", due, true);
  set_clock(-day);
  EXPECT_EQ(step(key).due, due);
  EXPECT_FALSE(step(key).moves);
}

TEST_P(ClockTest, AWakeTimeMovesBackAndNeverForward) {
  const Time due = at(9'000'000'000);
  const Key key = waiting("a", due);
  set_clock(day);
  EXPECT_EQ(row(key).wake_at, due);
  set_clock(-3 * day);
  EXPECT_EQ(row(key).wake_at, due - 2 * day);
  EXPECT_EQ(due_keys(10), std::vector<Key>{key});
}

TEST_P(ClockTest, WhatHappenedStaysAsItWasRecorded) {
  const Key key = waiting("a", at(9'000'000'000));
  send(key, "x");
  const History before = history(key);
  set_clock(day);
  History after = history(key);
  EXPECT_EQ(after.steps.at(0).due, *before.steps.at(0).due + day);
  after.steps.at(0).due = before.steps.at(0).due;
  EXPECT_EQ(after, before);
}

TEST_P(ClockTest, NothingExpiresEarlyWhenTheClockIsSetForward) {
  const Time expires = at(5'000'000);
  const Key key = expiring("a", expires);
  set_clock(day);
  EXPECT_EQ(row(key).expires, expires + day);
  EXPECT_EQ(apply<Swept>(Sweep{10}, expires + day - 1ms).instances, 0U);
  EXPECT_EQ(apply<Swept>(Sweep{10}, expires + day).instances, 1U);
}

TEST_P(ClockTest, NothingIsKeptLongerWhenTheClockIsSetBack) {
  const Time expires = at(900'000'000);
  expiring("a", expires);
  set_clock(-day);
  EXPECT_EQ(apply<Swept>(Sweep{10}, expires - day - 1ms).instances, 0U);
  EXPECT_EQ(apply<Swept>(Sweep{10}, expires - day).instances, 1U);
}

TEST_P(ClockTest, TheEarliestToExpireGoFirstByTheClockAsItIs) {
  const Key moved = expiring("moved", at(5'000'000));
  set_clock(day);
  const Key next = expiring("next", at(6'000'000));
  const Key last = expiring("last", at(5'000'001) + day);
  const Time end = at(5'000'001) + day;
  EXPECT_EQ(apply<Swept>(Sweep{1}, end).instances, 1U);
  EXPECT_FALSE(store().row(next));
  EXPECT_EQ(apply<Swept>(Sweep{1}, end).instances, 1U);
  EXPECT_FALSE(store().row(moved));
  EXPECT_TRUE(store().row(last));
  EXPECT_EQ(apply<Swept>(Sweep{5}, end).instances, 1U);
}

TEST_P(ClockTest, DueGivesThemInTheOrderInWhichTheyAreDueNow) {
  const Key old = waiting("old", at(9'000'000'000));
  const Key old_later = waiting("old later", at(9'000'000'100));
  set_clock(-day);
  const Key between = waiting("between", at(9'000'000'050) - 23h);
  const Key first = waiting("first", at(8'000'000'000));
  const Key late = waiting("late", at(9'000'000'000));
  set_clock(1h);
  const Key same = waiting("same", at(9'000'000'000));
  const std::vector<Key> expected{first, old, between, old_later, late, same};
  EXPECT_EQ(due_keys(100), expected);
  EXPECT_EQ(due_keys(2), expected);
  EXPECT_EQ(due_keys(1), expected);
  EXPECT_EQ(store().due({.wake_at = Time::min()}, at(9'000'000'050) - 23h, 100).size(), 3U);
}

// More than is read of an index at once, of two clocks in turn.
TEST_P(ClockTest, DueFindsAllOfManyWhoseTimesHaveMoved) {
  std::vector<std::pair<Time, Key>> expected;
  const auto make = [&](int from) {
    for (int number = from; number < 60; number += 2) {
      const Key key = waiting("i" + std::to_string(number), at(9'000'000'000 + 977 * number % 50));
      expected.emplace_back(0ms, key);
    }
  };
  make(0);
  set_clock(-20ms);
  make(1);
  for (auto& [time, key] : expected) time = row(key).wake_at.value();
  std::ranges::sort(expected);
  std::vector<Key> keys;
  for (const auto& [time, key] : expected) keys.push_back(key);
  EXPECT_EQ(due_keys(1'000), keys);
  EXPECT_EQ(due_keys(7), keys);
}

TEST_P(ClockTest, ARetryMovesWithTheClock) {
  const Key key = create("a");
  enter(key);
  start_step(key, 1);
  record(key, failed(1, 1, at(5'000'000)));
  EXPECT_TRUE(step(key).moves);
  set_clock(day);
  EXPECT_EQ(step(key).due, at(5'000'000) + day);
  Advance again = advance(store(), key);
  again.attempts.push_back({1, 2, now()});
  EXPECT_TRUE(apply<Advanced>(again).continued);
  EXPECT_FALSE(step(key).due);
  EXPECT_FALSE(step(key).moves);
  record(key, failed(1, 2, at(7'000'000)));
  EXPECT_EQ(step(key).due, at(7'000'000)) << "written by the new clock";
}

TEST_P(ClockTest, APauseIsAsLongAsItWas) {
  const Key key = create("a");
  apply<Controlled>(Control{.key = key}, at(2'000'000));
  set_clock(day);
  EXPECT_EQ(row(key).paused_at, at(2'000'000) + day);
  apply<Controlled>(Control{.key = key, .command = Command::resume}, at(2'010'000) + day);
  EXPECT_EQ(row(key).paused_for, 10s);
}

TEST_P(ClockTest, WhatItsGroupHoldsBehindItIsOfTheNewClock) {
  const Key before = create_in(Status::running, "before");
  const Key behind = create_in(Status::running, "behind");
  Advance wait{.key = before, .leave = Cause::wait, .wake_at = at(9'000'000'000)};
  Advance wait_too = wait;
  wait_too.key = behind;
  const std::vector<Change> group{wait, MoveClock{-day}, wait_too};
  const std::vector<Outcome> outcomes = store().apply(group, now());
  EXPECT_TRUE(std::holds_alternative<ClockMoved>(outcomes.at(1)));
  EXPECT_EQ(row(before).wake_at, at(9'000'000'000) - day);
  EXPECT_EQ(row(behind).wake_at, at(9'000'000'000));
}

// The time of a group is that of its last clock.
TEST_P(ClockTest, WhatItsGroupHoldsBeforeItIsOfTheClockBefore) {
  for (const Duration leap : {day, -day}) {
    const std::string name = std::to_string(leap / day);
    const Key ended = create_in(Status::running, "ended " + name, {.success = 1h, .error = 1h});
    const Key parked = create_in(Status::running, "parked " + name);
    const Key paused = create_in(Status::running, "paused " + name);
    const Advance end{.key = ended, .leave = Cause::complete, .output = "1"};
    const Advance park{.key = parked, .leave = Cause::park};
    const Time set = now() + leap;
    static_cast<void>(store().apply(
        std::vector<Change>{end, park, Control{.key = paused, .idle = true}, MoveClock{leap}}, set));
    EXPECT_EQ(row(ended).ended, set - leap) << name;
    EXPECT_EQ(row(ended).expires, set + 1h) << name;
    EXPECT_EQ(row(parked).paused_at, set) << name;
    EXPECT_EQ(row(paused).paused_at, set) << name;
  }
}

TEST_P(ClockTest, AnInstanceThatIsOnlyTouchedMovesAsBefore) {
  const Time due = at(9'000'000'000);
  const Key key = waiting("a", due);
  set_clock(-day);
  send(key, "x");
  EXPECT_EQ(row(key).wake_at, due - day);
  set_clock(-day);
  EXPECT_EQ(row(key).wake_at, due - 2 * day);
}

TEST_P(ClockTest, ANewWakeTimeIsOfTheNewClock) {
  const Key key = create_in(Status::running, "a");
  start_wait(key, 1, "x");
  leave(key, Cause::wait, at(9'000'000'000));
  set_clock(-day);
  send(key, "x");
  const auto woken = row(key).wake_at;
  EXPECT_EQ(woken, row(key).modified);
  set_clock(day);
  EXPECT_EQ(row(key).wake_at, woken);
  set_clock(-3 * day);
  EXPECT_EQ(row(key).wake_at, *woken - 2 * day);
}

TEST_P(ClockTest, AStatusThatIsWrittenAnewKeepsTheTimesAsTheyHadMoved) {
  const Key key = create_in(Status::running, "a");
  control(key, Command::pause, false);
  const Time paused = row(key).paused_at.value();
  set_clock(day);
  leave(key, Cause::quiesce);
  EXPECT_EQ(row(key).paused_at, paused + day);
  set_clock(day);
  EXPECT_EQ(row(key).paused_at, paused + 2 * day);
}

TEST_P(ClockTest, AStepThatHasEndedKeepsTheDueThatItHadThen) {
  const Time due = at(9'000'000'000);
  const Key key = waiting("a", due);
  set_clock(-day);
  EXPECT_TRUE(record(key, ended(1, 2)).recorded);
  EXPECT_EQ(step(key).due, due - day);
  EXPECT_FALSE(step(key).moves);
  set_clock(day);
  EXPECT_EQ(step(key).due, due - day);
}

TEST_P(ClockTest, ARefusedEndLeavesTheDueAlone) {
  const Key key = create_in(Status::running, "a");
  start_wait(key, 1, "x");
  set_clock(day);
  StepResult stray = ended(1, 2);
  stray.event = 4711;
  EXPECT_FALSE(record(key, stray).recorded);
  EXPECT_EQ(step(key).due, at(9'000'000) + day);
  set_clock(day);
  EXPECT_EQ(step(key).due, at(9'000'000) + 2 * day);
}

TEST_P(ClockTest, ALeapBackAndForthLeavesNothingBehind) {
  const Time due = at(9'000'000'000);
  const Key key = waiting("a", due);
  set_clock(-day);
  set_clock(day);
  EXPECT_EQ(step(key).due, due);
  EXPECT_EQ(row(key).wake_at, due);
}

TEST_P(ClockTest, AMoveBeyondTheKnownYearsIsNoChange) {
  for (const Duration by : {clock_move_max + 1ms, -clock_move_max - 1ms, Duration::max(), Duration::min()})
    EXPECT_THROW(set_clock(by), Error);
  const Key key = waiting("a", at(9'000'000'000));
  set_clock(clock_move_max);
  EXPECT_EQ(step(key).due, at(9'000'000'000) + clock_move_max);
}

TEST_P(NextClockTest, WhatAnEarlierOwnerWroteDoesNotMove) {
  const Time due = at(9'000'000'000);
  const Key key = waiting("a", due);
  reopen();
  EXPECT_FALSE(store().ownership().clock_doubtful);
  EXPECT_FALSE(step(key).moves);
  set_clock(-day);
  EXPECT_EQ(step(key).due, due);
  EXPECT_EQ(row(key).wake_at, due);
}

TEST_P(NextClockTest, WhatHasMovedStaysMoved) {
  const Time due = at(9'000'000'000);
  const Key key = waiting("a", due);
  const Key gone = expiring("b", at(9'000'000'000));
  set_clock(-day);
  History before = history(key);
  reopen();
  before.steps.at(0).moves = false;
  EXPECT_EQ(history(key), before);
  EXPECT_EQ(row(gone).expires, at(9'000'000'000) - day);
  EXPECT_EQ(due_keys(10), std::vector<Key>{key});
}

TEST_P(NextClockTest, ADoubtThatEndsBetweenTwoOwnersMovesWhatBeganInIt) {
  const Key old = waiting("old", at(9'000'000'000));
  reopen();
  const Time believed = now();
  apply<Swept>(Sweep{1}, believed);
  apply<ClockMoved>(MoveClock{.doubtful = true}, at(1'000));
  const Key in_doubt = waiting("in doubt", at(9'000'000'000));
  reopen();
  EXPECT_TRUE(store().ownership().clock_doubtful);
  EXPECT_EQ(store().ownership().believed_until, believed);
  EXPECT_TRUE(step(in_doubt).moves);
  EXPECT_FALSE(step(old).moves);
  set_clock(31 * 365 * day);
  EXPECT_EQ(step(in_doubt).due, at(9'000'000'000) + 31 * 365 * day);
  EXPECT_EQ(step(old).due, at(9'000'000'000));
  reopen();
  EXPECT_FALSE(store().ownership().clock_doubtful);
  EXPECT_EQ(store().ownership().believed_until, Time{});
  EXPECT_FALSE(step(in_doubt).moves);
}

TEST_P(NextClockTest, ADoubtLastsUntilSomebodyEndsIt) {
  const Time believed = now();
  apply<Swept>(Sweep{1}, believed);
  set_clock(0ms, true);
  const Key first = waiting("first", at(9'000'000'000));
  reopen();
  set_clock(day, true);
  const Key second = waiting("second", at(9'000'000'000));
  reopen();
  EXPECT_EQ(store().ownership().believed_until, believed);
  set_clock(day);
  EXPECT_EQ(step(first).due, at(9'000'000'000) + 2 * day);
  EXPECT_EQ(step(second).due, at(9'000'000'000) + day);
}

TEST_P(FileClockTest, FailsWithItsGroup) {
  const Time due = at(9'000'000'000);
  const Key key = waiting("a", due);
  const auto shift_epoch = [&](int by) {
    SQLite::Database{file().string(), SQLite::OPEN_READWRITE}.exec("UPDATE owner SET epoch = epoch + " +
                                                                   std::to_string(by));
  };
  shift_epoch(1);
  EXPECT_THROW(set_clock(-day, true), Error);
  shift_epoch(-1);
  EXPECT_EQ(step(key).due, due);
  EXPECT_EQ(row(key).wake_at, due);
  EXPECT_EQ(store().load({{key}}).at(0), history(key));
  set_clock(-day);
  EXPECT_EQ(step(key).due, due - day);
  EXPECT_EQ(store().load({{key}}).at(0), history(key));
  reopen();
  EXPECT_FALSE(store().ownership().clock_doubtful);
  EXPECT_EQ(step(key).due, due - day);
}

TEST_P(FileClockTest, WhoOnlyReadsSeesTheTimesAsTheyHaveMoved) {
  const Key key = waiting("a", at(9'000'000'000));
  set_clock(-day);
  const auto reader = open_sqlite_read_only(file());
  History expected = history(key);
  expected.steps.at(0).moves = false;
  EXPECT_EQ(reader->history(key), expected);
  EXPECT_EQ(reader->due({}, Time::max(), 10), store().due({}, Time::max(), 10));
}

}  // namespace
}  // namespace cairn::testing
