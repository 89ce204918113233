#include "tests/engine/harness.hpp"

#include <gmock/gmock.h>

namespace cairn::testing {
namespace {

using ::testing::HasSubstr;

class Waits : public ConductorTest {};

Task<std::string> sleeper(Context& ctx) {
  co_await ctx.sleep("nap", 1h);
  co_return "awake";
}

Task<std::string> two_events(Context& ctx) {
  Event first = co_await ctx.wait_for_event("first", {.type = "go", .timeout = 1h});
  Event second = co_await ctx.wait_for_event("second", {.type = "go", .timeout = 1h});
  co_return first.payload.dump() + " " + second.payload.dump();
}

Task<std::string> event_or_timeout(Context& ctx) {
  std::string result;
  try {
    Event event = co_await ctx.wait_for_event("wait", {.type = "go", .timeout = 5s});
    result = event.payload.dump();
  } catch (const TimeoutError& error) {
    result = error.what();
  }
  co_await ctx.sleep("later", 5s);
  try {
    Event event = co_await ctx.wait_for_event("again", {.type = "go", .timeout = 5s});
    result += " then " + event.payload.dump();
  } catch (const TimeoutError&) {
    result += " then nothing";
  }
  co_return result;
}

TEST_F(Waits, SleepAtLeastTheirTime) {
  h.define("w", sleeper);
  const Key key = h.create("w");
  EXPECT_EQ(h.status(key), Status::waiting);
  EXPECT_EQ(h.row(key).wake_at, h.now() + 1h);
  h.move(1h - 1ms);
  EXPECT_EQ(h.status(key), Status::waiting);
  h.move(1ms);
  EXPECT_EQ(h.status(key), Status::complete);
}

TEST_F(Waits, DoNotSleepAnewAfterACrash) {
  h.define("w", sleeper);
  const Key key = h.create("w");
  h.move(59min);
  h.crash();
  h.move(1min - 1ms);
  EXPECT_EQ(h.status(key), Status::waiting);
  h.move(1ms);
  EXPECT_EQ(h.status(key), Status::complete);
}

TEST_F(Waits, WakeAtOnceWhatCameDueWhileNobodyRan) {
  h.define("w", sleeper);
  const Key key = h.create("w");
  h.crash();
  h.move(30h);
  EXPECT_EQ(h.status(key), Status::complete);
}

TEST_F(Waits, RecordASleepOfNothingWithoutWaiting) {
  h.define("w", [](Context& ctx) -> Task<int> {
    co_await ctx.sleep("none", 0ms);
    co_await ctx.sleep("negative", -5s);
    const Time past{1h};
    co_await ctx.sleep_until("past", past);
    co_return 1;
  });
  const Key key = h.create("w");
  EXPECT_EQ(h.status(key), Status::complete);
  EXPECT_EQ(h.history(key).steps.size(), 3U);
  EXPECT_EQ(h.groups(), 1U);
}

TEST_F(Waits, SleepUntilATime) {
  h.define("w", [](Context& ctx) -> Task<int> {
    const Time noon{36h};
    co_await ctx.sleep_until("noon", noon);
    co_return 1;
  });
  const Key key = h.create("w");
  h.move_to(Time{36h} - 1ms);
  EXPECT_EQ(h.status(key), Status::waiting);
  h.move(1ms);
  EXPECT_EQ(h.status(key), Status::complete);
}

TEST_F(Waits, RefuseASpanThatBreaksARule) {
  h.define("w", [](Context& ctx, int which) -> Task<int> {
    if (which == 1) co_await ctx.sleep("s", std::chrono::hours{24 * 366});
    if (which == 2) co_await ctx.sleep_until("s", Time::max());
    if (which == 3) co_await ctx.wait_for_event("e", {.type = "go", .timeout = 0ms});
    if (which == 4) co_await ctx.wait_for_event("e", {.type = "go", .timeout = std::chrono::hours{24 * 366}});
    if (which == 5) co_await ctx.wait_for_event("e", {.type = "no type!"});
    co_return which;
  });
  for (int which = 1; which <= 5; ++which) {
    EXPECT_EQ(h.status(h.create("w", "", std::to_string(which))), Status::errored) << which;
  }
}

TEST_F(Waits, TakeAnEventThatComesWhileTheyWait) {
  h.define("w", event_or_timeout);
  const Key key = h.create("w");
  const Sent sent = h.send(key, "go", R"({"by":"ann"})");
  EXPECT_TRUE(sent.awaited);
  EXPECT_EQ(h.status(key), Status::waiting) << "it sleeps now";
  EXPECT_THAT(h.step(key, "wait-1").output, HasSubstr(R"("payload":{"by":"ann"})"));
  EXPECT_THAT(h.step(key, "wait-1").output, HasSubstr(R"("type":"go")"));
  EXPECT_TRUE(h.history(key).events.empty());
  h.finish();
  EXPECT_EQ(h.output(key), encode(std::string{R"({"by":"ann"} then nothing)"}));
}

TEST_F(Waits, TakeAnEventThatCameBefore) {
  h.define("w", [](Context& ctx) -> Task<int> {
    co_await ctx.step("first", [] {});
    Event event = co_await ctx.wait_for_event("wait", {.type = "go"});
    int value = event.payload.get<int>();
    co_return value;
  });
  const Key key = h.create("w");
  EXPECT_FALSE(h.send(key, "go", "5").awaited);
  h.run_body();
  EXPECT_EQ(h.output(key), "5");
}

TEST_F(Waits, TakeEventsOfATypeInTheOrderOfArrival) {
  h.define("w", two_events);
  const Key key = h.create("w");
  h.give({Harness::event_input(key, "other", "0"), Harness::event_input(key, "go", "1"),
          Harness::event_input(key, "go", "2"), Harness::event_input(key, "go", "3")});
  EXPECT_EQ(h.output(key), R"("1 2")");
  EXPECT_EQ(h.history(key).events.size(), 2U) << "one event, one wait";
}

TEST_F(Waits, OfOneTypeAreServedInTheirOrder) {
  h.define("w", [](Context& ctx) -> Task<std::string> {
    auto first = ctx.wait_for_event("first", {.type = "go"});
    auto second = ctx.wait_for_event("second", {.type = "go"});
    auto [one, two] = co_await all(std::move(first), std::move(second));
    co_return one.payload.dump() + " " + two.payload.dump();
  });
  const Key key = h.create("w");
  h.send(key, "go", "1");
  EXPECT_TRUE(h.step(key, "first-1").ended_seq);
  EXPECT_FALSE(h.step(key, "second-1").ended_seq);
  h.send(key, "go", "2");
  EXPECT_EQ(h.output(key), R"("1 2")");
}

TEST_F(Waits, ThatTimedOutSwallowNoLaterEvent) {
  h.define("w", event_or_timeout);
  const Key key = h.create("w");
  h.move(5s);
  EXPECT_EQ(h.step(key, "wait-1").error->name, "WorkflowTimeoutError");
  EXPECT_FALSE(h.send(key, "go", "1").awaited);
  h.move(5s);
  EXPECT_EQ(h.output(key), R"("Execution timed out after 5000ms then 1")");
}

TEST_F(Waits, PreferAnEventThatWasThereWhenTheTimeIsUp) {
  h.define("w", event_or_timeout);
  const Key key = h.create("w");
  h.crash_before_begin();
  h.pass(1h);
  h.send(key, "go", "1");
  h.begin();
  EXPECT_EQ(h.step(key, "wait-1").error, std::nullopt);
  EXPECT_THAT(h.step(key, "wait-1").output, HasSubstr(R"("payload":1)"));
}

TEST_F(Waits, LeaveAnEventThatComesInTheTurnOfTheTimeoutToTheNextWait) {
  h.define("w", event_or_timeout);
  const Key key = h.create("w");
  h.pass(5s);
  h.give({Harness::event_input(key, "go", "1"), engine::Tick{}});
  EXPECT_EQ(h.step(key, "wait-1").error->name, "WorkflowTimeoutError");
  h.move(5s);
  EXPECT_EQ(h.output(key), R"("Execution timed out after 5000ms then 1")");
}

TEST_F(Waits, KeepAnEventForAPausedInstance) {
  h.define("w", two_events);
  const Key key = h.create("w");
  h.pause(key);
  EXPECT_FALSE(h.send(key, "go", "1").refused);
  h.send(key, "go", "2");
  EXPECT_EQ(h.status(key), Status::paused);
  h.resume(key);
  EXPECT_EQ(h.output(key), R"("1 2")");
}

TEST_F(Waits, KeepAnEventForAQueuedInstance) {
  Harness late;
  late.define("w", two_events);
  const Key key = late.create("w");
  EXPECT_FALSE(late.send(key, "go", "1").refused);
  late.begin();
  EXPECT_EQ(late.status(key), Status::waiting);
  late.send(key, "go", "2");
  EXPECT_EQ(late.output(key), R"("1 2")");
  late.expect_at_rest();
}

TEST_F(Waits, RefuseAnEventForAFinishedInstance) {
  h.define("w", sleeper);
  const Key key = h.create("w");
  h.terminate(key);
  EXPECT_EQ(h.send(key, "go").refused, Errc::cannot_send_event);
  EXPECT_EQ(h.send(key + 100, "go").refused, Errc::instance_not_found);
}

TEST_F(Waits, LoseTheirEventsAtARestart) {
  h.define("w", two_events);
  const Key key = h.create("w");
  h.send(key, "other", "0");
  h.send(key, "go", "1");
  h.restart(key);
  EXPECT_TRUE(h.history(key).events.empty());
  h.send(key, "go", "2");
  EXPECT_EQ(h.status(key), Status::waiting) << "the first event counts for the run before";
  h.send(key, "go", "3");
  EXPECT_EQ(h.output(key), R"("2 3")");
}

TEST_F(Waits, TakeABufferedEventAfterACrash) {
  h.define("w", [](Context& ctx) -> Task<int> {
    co_await ctx.step("first", [] {});
    Event event = co_await ctx.wait_for_event("wait", {.type = "go"});
    int value = event.payload.get<int>();
    co_return value;
  });
  const Key key = h.create("w");
  h.send(key, "go", "5");
  h.crash();
  h.run_bodies();
  EXPECT_EQ(h.output(key), "5");
  EXPECT_TRUE(h.history(key).events.empty());
}

TEST_F(Waits, WakeWhileABodyOfAnotherBranchRuns) {
  h.define("w", [](Context& ctx) -> Task<std::string> {
    auto event = ctx.wait_for_event("wait", {.type = "go"});
    auto body = ctx.step("s", [] { return 1; });
    auto [got, value] = co_await all(std::move(event), std::move(body));
    co_return got.payload.dump() + " " + std::to_string(value);
  });
  const Key key = h.create("w");
  h.send(key, "go", "7");
  EXPECT_TRUE(h.step(key, "wait-1").ended_seq);
  EXPECT_EQ(h.status(key), Status::running);
  h.run_body();
  EXPECT_EQ(h.output(key), R"("7 1")");
}

TEST_F(Waits, RingWhileABodyOfAnotherBranchRuns) {
  h.define("w", [](Context& ctx) -> Task<int> {
    auto nap = ctx.sleep("nap", 5s);
    auto body = ctx.step("s", [] { return 1; });
    auto [none, value] = co_await all(std::move(nap), std::move(body));
    co_return value;
  });
  const Key key = h.create("w");
  h.move(5s);
  EXPECT_EQ(h.step(key, "nap-1").ended, h.now());
  EXPECT_EQ(h.status(key), Status::running);
  h.run_body();
  EXPECT_EQ(h.status(key), Status::complete);
}

}  // namespace
}  // namespace cairn::testing
