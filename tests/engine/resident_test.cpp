#include "tests/engine/harness.hpp"

namespace cairn::testing {
namespace {

Task<int> sleep_and_step(Context& ctx) {
  co_await ctx.sleep("nap", 1h);
  co_return co_await ctx.step("s", [] { return 1; });
}

Task<int> event_and_step(Context& ctx) {
  co_await ctx.wait_for_event("wait", {.type = "go"});
  co_return co_await ctx.step("s", [] { return 1; });
}

void expect_completion(Harness& h) {
  for (const InstanceRow& row : h.store().plain().list({.limit = 1'000'000})) {
    ASSERT_EQ(row.status, Status::complete) << row.id;
  }
}

TEST(Residents, AreEvictedAfterAWhileAndRebuilt) {
  Harness h;
  h.begin();
  h.define("w", event_and_step);
  const Key key = h.create("w");
  h.move(10s - 1ms);
  EXPECT_EQ(h.conductor().residents(), 1U);
  h.move(1ms);
  EXPECT_EQ(h.conductor().residents(), 0U);
  h.send(key, "go");
  h.run_bodies();
  EXPECT_EQ(h.status(key), Status::complete);
  EXPECT_EQ(h.store().histories(), 1U);
  h.expect_at_rest();
}

TEST(Residents, AreNoMoreThanTheirLimit) {
  Harness h{{.resident = 10}};
  h.begin();
  h.define("w", sleep_and_step);
  for (int i = 0; i < 30; ++i) h.create("w");
  EXPECT_LE(h.conductor().residents(), 11U);
  h.finish();
  expect_completion(h);
  h.expect_at_rest();
}

// A value may take twenty times as much memory as its text.
TEST(Residents, WereGivenNoMoreTextThanTheirLimit) {
  Harness h{{.resident_bytes = 10'000}};
  h.begin();
  h.define("w", sleep_and_step);
  for (int i = 0; i < 30; ++i) h.create("w", "", '"' + std::string(1'000, 'x') + '"');
  EXPECT_LE(h.conductor().residents(), 10U);
  EXPECT_GE(h.conductor().residents(), 8U);
  h.finish();
  expect_completion(h);
  h.expect_at_rest();
}

TEST(Residents, ThatAreEvictedInTheGroupOfTheirSleepStillWake) {
  Harness h{{.resident = 1}};
  h.begin();
  h.define("w", [](Context& ctx) -> Task<int> {
    co_await ctx.sleep("nap", 40s);
    co_return 1;
  });
  h.pass(31s);  // so that the same turn reads the timers that come near
  h.create_many("w", 10);
  h.move(40s);
  expect_completion(h);
  h.expect_at_rest();
}

TEST(Residents, ThatAreEvictedInTheGroupOfTheirEventStillTakeIt) {
  Harness h{{.resident = 0}};
  h.begin();
  h.define("w", [](Context& ctx) -> Task<int> {
    co_await ctx.step("s", [] {});
    co_await ctx.wait_for_event("wait", {.type = "go"});
    co_return 1;
  });
  const Key key = h.create("w");
  std::vector<engine::Input> inputs;
  inputs.push_back(Harness::event_input(key, "go"));
  inputs.push_back(h.take_result());
  h.give(std::move(inputs));
  EXPECT_EQ(h.status(key), Status::complete);
  h.expect_at_rest();
}

TEST(Residents, ThatAreEvictedRightBeforeAnEventTakeIt) {
  Harness h;
  h.begin();
  h.define("w", event_and_step);
  const Key key = h.create("w");
  h.pass(10s);
  h.give({Harness::event_input(key, "go")});
  h.run_bodies();
  EXPECT_EQ(h.status(key), Status::complete);
  h.expect_at_rest();
}

TEST(Residents, ThatWaitForATimerAreRebuiltForIt) {
  Harness h{{.evict_after = 1s}};
  h.begin();
  h.define("w", sleep_and_step);
  const std::vector<Key> keys = h.create_many("w", 5);
  h.move(2s);
  EXPECT_EQ(h.conductor().residents(), 0U);
  h.move(1h - 2s - 1ms);
  EXPECT_TRUE(h.bodies().empty());
  h.move(1ms);
  EXPECT_EQ(h.bodies().size(), 5U);
  h.finish();
  h.expect_at_rest();
}

TEST(Timers, OfManySleepersAreReadInPages) {
  Harness h{{.concurrency = 100, .resident = 10, .timer_capacity = 50, .page = 20}};
  h.begin();
  h.define("w", [](Context& ctx, int seconds) -> Task<int> {
    co_await ctx.sleep("nap", std::chrono::seconds{seconds});
    co_return seconds;
  });
  std::vector<Key> keys;
  for (int i = 0; i < 1'000; ++i) keys.push_back(h.create("w", "", std::to_string(1 + i * 7 % 1'000)));
  for (int minute = 0; minute < 17; ++minute) {
    h.move(1min);
    for (int i = 0; i < 1'000; ++i) {
      const bool due = 1 + i * 7 % 1'000 <= (minute + 1) * 60;
      ASSERT_EQ(h.status(keys[static_cast<std::size_t>(i)]), due ? Status::complete : Status::waiting) << i;
    }
  }
  h.expect_at_rest();
}

TEST(Timers, OfManyThatAreDueAtOnceAllRing) {
  Harness h{{.concurrency = 10, .resident = 10, .timer_capacity = 100, .page = 50}};
  h.begin();
  h.define("w", sleep_and_step);
  h.create_many("w", 2'000);
  h.move(1h);
  EXPECT_EQ(h.bodies().size(), 10U);
  h.run_bodies();
  expect_completion(h);
  h.expect_at_rest();
}

TEST(Timers, RingOnTimeWhenTheClockIsAskedForAlone) {
  Harness h{{.evict_after = 1s, .timer_span = 1min}};
  h.begin();
  h.define("w", [](Context& ctx) -> Task<int> {
    co_await ctx.sleep("nap", 3min);
    co_return 1;
  });
  const Key key = h.create("w");
  const Time due = h.now() + 3min;
  while (!is_finished(h.status(key))) {
    const Time next = h.conductor().next_time().value();
    ASSERT_GE(next, h.now());
    ASSERT_LE(next, due) << "the wake is not overslept";
    h.move_to(next);
  }
  EXPECT_EQ(h.row(key).ended, due);
  h.expect_at_rest();
}

}  // namespace
}  // namespace cairn::testing
