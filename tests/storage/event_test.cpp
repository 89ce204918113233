#include "tests/storage/store_fixture.hpp"

#include <gmock/gmock.h>

// Laws of SendEvent, and of the waits that consume events.
namespace cairn::testing {
namespace {

class EventTest : public StoreTest {
 protected:
  Advanced consume(Key key, Sequence wait, Sequence ended_seq, std::int64_t event) {
    StepResult result = ended(wait, ended_seq, "{\"payload\":1}");
    result.event = event;
    return record(key, result);
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, EventTest,
                         ::testing::Values(Kind::memory, Kind::sqlite_file, Kind::sqlite_memory), name_of);

TEST_P(EventTest, EventsAreKeptInTheOrderTheyCame) {
  const Key key = create("a");
  apply<Sent>(SendEvent{key, "x", "1", 10}, at(10));
  apply<Sent>(SendEvent{key, "y", "\"\xe2\x82\xac\"", 10}, at(5));
  apply<Sent>(SendEvent{key, "x", "1", 10}, at(10));
  const auto events = history(key).events;
  ASSERT_EQ(events.size(), 3U);
  EXPECT_LT(events[0].event, events[1].event);
  EXPECT_LT(events[1].event, events[2].event);
  EXPECT_EQ(events[1].type, "y");
  EXPECT_EQ(events[1].payload, "\"\xe2\x82\xac\"");
  EXPECT_EQ(events[1].received, at(5));
}

TEST_P(EventTest, NumbersAreNeverUsedAgain) {
  const Key key = create_in(Status::running, "a");
  start_wait(key, 1, "x");
  const std::int64_t first = send(key, "x").event;
  consume(key, 1, 2, first);
  EXPECT_TRUE(history(key).events.empty());
  const std::int64_t second = send(key, "x").event;
  EXPECT_GT(second, first);
  control(key, Command::restart);
  EXPECT_GT(send(key, "x").event, second);
}

TEST_P(EventTest, AnEventIsTakenInEveryUnfinishedStatusAndInNoOther) {
  for (const Status status : reachable_statuses()) {
    const Key key = create_in(status, "s" + std::to_string(static_cast<int>(status)));
    const Sent sent = send(key, "x");
    EXPECT_EQ(sent.refused, is_finished(status) ? std::optional{Errc::cannot_send_event} : std::nullopt);
    EXPECT_EQ(sent.status, status);
    EXPECT_EQ(sent.run, 1);
    EXPECT_EQ(history(key).events.size(), is_finished(status) ? 0U : 1U);
  }
}

TEST_P(EventTest, AnInstanceThatIsNotThereIsNotFound) {
  EXPECT_EQ(send(4'711, "x").refused, Errc::instance_not_found);
}

TEST_P(EventTest, BeyondTheBoundAnEventIsTooLarge) {
  const Key key = create("a");
  EXPECT_EQ(apply<Sent>(SendEvent{key, "x", "1", 0}).refused, Errc::too_large);
  for (int count = 0; count < 3; ++count) EXPECT_FALSE(apply<Sent>(SendEvent{key, "x", "1", 3}).refused);
  EXPECT_EQ(apply<Sent>(SendEvent{key, "x", "1", 3}).refused, Errc::too_large);
  EXPECT_EQ(history(key).events.size(), 3U);
}

TEST_P(EventTest, ConsumedEventsMakeRoom) {
  const Key key = create_in(Status::running, "a");
  start_wait(key, 1, "x");
  const Sent sent = apply<Sent>(SendEvent{key, "x", "1", 1});
  EXPECT_EQ(apply<Sent>(SendEvent{key, "x", "2", 1}).refused, Errc::too_large);
  consume(key, 1, 2, sent.event);
  EXPECT_FALSE(apply<Sent>(SendEvent{key, "x", "3", 1}).refused);
  control(key, Command::restart);
  EXPECT_FALSE(apply<Sent>(SendEvent{key, "x", "4", 1}).refused);
}

TEST_P(EventTest, AnOpenWaitOfThatTypeIsFound) {
  const Key key = create_in(Status::running, "a");
  const Key other = create_in(Status::running, "b");
  start_wait(key, 1, "x");
  start_step(other, 1, "x");
  EXPECT_TRUE(send(key, "x").awaited);
  EXPECT_FALSE(send(key, "y").awaited);
  EXPECT_FALSE(send(key, "X").awaited);
  EXPECT_FALSE(send(other, "x").awaited);
  record(key, ended(1, 2));
  EXPECT_FALSE(send(key, "x").awaited) << "the wait is over";
}

TEST_P(EventTest, WhoWaitsForItIsGivenBackWithAllThatIsRecorded) {
  const Key waiting = create_in(Status::running, "a");
  const Key running = create_in(Status::running, "b");
  const Key paused = create_in(Status::running, "c");
  for (const Key key : {waiting, running, paused}) start_wait(key, 1, "x");
  leave(waiting, Cause::wait);
  leave(paused, Cause::wait);
  control(paused, Command::pause);
  send(waiting, "y");
  const std::vector<EventTarget> targets{{running, "x"}, {waiting, "x"}, {waiting, "y"},
                                         {paused, "x"},  {4'711, "x"},   {waiting, "x"}};
  const auto found = store().awaiting(targets);
  ASSERT_EQ(found.size(), targets.size());
  const std::optional<History> recorded = store().history(waiting);
  const std::optional<History> nobody;
  EXPECT_EQ(found, (std::vector{nobody, recorded, nobody, nobody, nobody, recorded}));
  record(waiting, ended(1, 2));
  EXPECT_FALSE(store().awaiting(targets).at(1)) << "the wait is over";
}

TEST_P(EventTest, AnAwaitedEventWakesTheOneThatWaits) {
  const Key key = create_in(Status::running, "a");
  start_wait(key, 1, "x");
  leave(key, Cause::wait, at(9'000'000));
  apply<Sent>(SendEvent{key, "y", "1", 10}, at(5'000));
  EXPECT_EQ(row(key).wake_at, at(9'000'000));
  const Sent sent = apply<Sent>(SendEvent{key, "x", "1", 10}, at(6'000));
  EXPECT_TRUE(sent.awaited);
  EXPECT_EQ(sent.status, Status::waiting);
  EXPECT_EQ(row(key).wake_at, at(6'000));
  EXPECT_EQ(row(key).modified, at(6'000));
}

TEST_P(EventTest, AnEventWakesNobodyWhoDoesNotWait) {
  for (const Status status : {Status::running, Status::paused, Status::waiting_for_pause}) {
    const Key key = create_in(Status::running, "w" + std::to_string(static_cast<int>(status)));
    start_wait(key, 1, "x");
    if (status != Status::running) control(key, Command::pause, status == Status::paused);
    EXPECT_TRUE(send(key, "x").awaited);
    EXPECT_EQ(row(key).status, status);
    EXPECT_FALSE(row(key).wake_at);
  }
}

// Between a group that brings an event and the one that takes it, the owner may be killed; the next one finds
// by the wake time that there is something to do.
TEST_P(EventTest, WhoBeginsToWaitForAnEventThatIsThereIsWokenByIt) {
  const Key key = create_in(Status::running, "a");
  start_wait(key, 1, "x");
  apply<Sent>(SendEvent{key, "y", "1", 10}, at(4'000));
  leave(key, Cause::wait, at(9'000'000));
  EXPECT_EQ(row(key).wake_at, at(9'000'000)) << "nobody waits for y";
  enter(key, Cause::wake);
  apply<Sent>(SendEvent{key, "x", "1", 10}, at(6'000));
  apply<Sent>(SendEvent{key, "x", "2", 10}, at(7'000));
  EXPECT_FALSE(row(key).wake_at);
  const Time left = now() + std::chrono::seconds{1};
  leave(key, Cause::wait, at(9'000'000));
  EXPECT_EQ(row(key).wake_at, left);
  EXPECT_THAT(store().due({}, left, 10), ::testing::SizeIs(1));
  enter(key, Cause::wake);
  leave(key, Cause::wait, at(5'000));
  EXPECT_EQ(row(key).wake_at, at(5'000)) << "something else is due before";
}

TEST_P(EventTest, AWaitConsumesItsEventInTheSameWrite) {
  const Key key = create_in(Status::running, "a");
  start_wait(key, 1, "x");
  const std::int64_t first = send(key, "x").event;
  const std::int64_t second = send(key, "x").event;
  EXPECT_TRUE(consume(key, 1, 2, first).recorded);
  ASSERT_EQ(history(key).events.size(), 1U);
  EXPECT_EQ(history(key).events[0].event, second);
  EXPECT_EQ(history(key).steps.at(0).ended_seq, 2);
  EXPECT_TRUE(consume(key, 1, 2, first).recorded) << "recorded before";
}

TEST_P(EventTest, AnEventIsConsumedOnce) {
  const Key key = create_in(Status::running, "a");
  start_wait(key, 1, "x");
  start_wait(key, 2, "x");
  const std::int64_t event = send(key, "x").event;
  Advance change = advance(store(), key);
  change.results = {ended(1, 3), ended(2, 4)};
  change.results[0].event = change.results[1].event = event;
  EXPECT_FALSE(apply<Advanced>(change).recorded);
  EXPECT_EQ(history(key).steps[0].ended_seq, 3);
  EXPECT_FALSE(history(key).steps[1].ended_seq);
}

TEST_P(EventTest, AWaitTakesOnlyAnEventOfItsInstanceAndType) {
  const Key key = create_in(Status::running, "a");
  const Key other = create_in(Status::running, "b");
  start_wait(key, 1, "x");
  start_step(key, 2);
  const std::int64_t of_other = send(other, "x").event;
  const std::int64_t of_type = send(key, "y").event;
  const std::int64_t right = send(key, "x").event;
  EXPECT_FALSE(consume(key, 1, 3, of_other).recorded);
  EXPECT_FALSE(consume(key, 1, 3, of_type).recorded);
  EXPECT_FALSE(consume(key, 2, 3, right).recorded) << "a step waits for no event";
  EXPECT_TRUE(consume(key, 1, 3, right).recorded);
  EXPECT_EQ(history(other).events.size(), 1U);
}

TEST_P(EventTest, ATimeoutLeavesTheEventForTheNextWait) {
  const Key key = create_in(Status::running, "a");
  start_wait(key, 1, "x");
  const std::int64_t event = send(key, "x").event;
  StepResult timeout = ended(1, 2);
  timeout.error = ErrorRecord{"WorkflowTimeoutError", "no event came"};
  EXPECT_TRUE(record(key, timeout).recorded);
  start_wait(key, 3, "x");
  EXPECT_TRUE(consume(key, 3, 4, event).recorded);
  EXPECT_TRUE(history(key).events.empty());
}

// The event came in the same group, before the engine could know of it: whoever finds the instance next must
// not wait for the timeout.
TEST_P(EventTest, AWaitThatBeginsWhereItsEventIsBufferedWakesAtOnce) {
  const Key key = create_in(Status::running, "a");
  send(key, "x");
  Advance wait = advance(store(), key);
  StepStart start{.started_seq = 1, .kind = StepKind::wait_for_event, .name = "wait", .event_type = "x"};
  start.due = at(9'000'000);
  wait.starts.push_back(start);
  wait.leave = Cause::wait;
  wait.wake_at = start.due;
  const Time now = this->now();
  EXPECT_EQ(apply<Advanced>(wait, now).status, Status::waiting);
  EXPECT_EQ(row(key).wake_at, now);
}

TEST_P(EventTest, AnEventPutsOffNoWakeThatIsDueAlready) {
  const Key key = create_in(Status::running, "a");
  start_wait(key, 1, "x");
  leave(key, Cause::wait, at(5'000));
  send(key, "x");
  EXPECT_EQ(row(key).wake_at, at(5'000));
}

TEST_P(EventTest, AWaitThatBeginsWhereAnotherEventIsBufferedWakesInItsTime) {
  const Key key = create_in(Status::running, "a");
  send(key, "y");
  start_wait(key, 1, "x");
  leave(key, Cause::wait, at(9'000'000));
  EXPECT_EQ(row(key).wake_at, at(9'000'000));
}

}  // namespace
}  // namespace cairn::testing
