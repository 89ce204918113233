#include "engine/scheduler/places.hpp"

#include "tests/engine/harness.hpp"

#include <algorithm>

// How many bodies are in flight, and how the others wait.
namespace cairn::testing {
namespace {

using engine::Carrier;
using engine::Places;

// ------------------------------------------------------------------------------------------------- the
// measure

constexpr std::size_t floor_of_one_worker = 33;

std::size_t take_all(Places& places, Carrier carrier, Duration uptime = {}) {
  std::size_t taken = 0;
  for (; places.free(carrier, uptime); ++taken) places.take(carrier);
  return taken;
}

void end_turn(Places& places, std::size_t ended, Duration uptime) {
  for (std::size_t i = 0; i < ended; ++i) {
    places.note_end();
    places.leave(Carrier::worker);
  }
  places.end_turn(uptime);
}

TEST(Places, AreFewBeforeAnythingIsMeasured) {
  Places places{1, 32, 5};
  EXPECT_EQ(take_all(places, Carrier::worker), floor_of_one_worker);
  EXPECT_EQ(take_all(places, Carrier::loop), 5U) << "the loop has its own";
}

TEST(Places, AreTwiceWhatEndsInATurn) {
  Places places{1, 32, 5};
  std::size_t taken = take_all(places, Carrier::worker);
  for (const std::size_t expected : {67U, 135U, 271U, 543U, 1'001U, 1'001U}) {
    end_turn(places, taken, 1ms);
    taken = take_all(places, Carrier::worker, 1ms);
    EXPECT_EQ(taken, expected);
  }
}

TEST(Places, AreForgottenInTime) {
  Places places{1, 32, 5};
  end_turn(places, take_all(places, Carrier::worker), 1ms);
  end_turn(places, take_all(places, Carrier::worker, 1ms), 2ms);
  for (const auto& [uptime, expected] :
       {std::pair<Duration, std::size_t>{2ms, 135U}, {252ms, 67U}, {10s, 33U}}) {
    const std::size_t taken = take_all(places, Carrier::worker, uptime);
    EXPECT_EQ(taken, expected);
    for (std::size_t i = 0; i < taken; ++i) places.leave(Carrier::worker);
  }
}

TEST(Places, OfALeapingClockAreHarmless) {
  Places places{1, 32, 5};
  end_turn(places, take_all(places, Carrier::worker, 1h), 1h);
  EXPECT_EQ(take_all(places, Carrier::worker, 0ms), 67U);
}

TEST(Places, GoToThoseWhoWaitInTheirOrder) {
  Places places{1, 32, 5};
  take_all(places, Carrier::worker);
  for (const Key key : {7, 3, 7, 5}) places.wait(Carrier::worker, key);
  EXPECT_FALSE(places.next(Carrier::worker, {}));
  places.leave(Carrier::worker);
  EXPECT_FALSE(places.free(Carrier::worker, {})) << "not for one that has just come";
  EXPECT_EQ(places.next(Carrier::worker, {}), 7);
  places.wait(Carrier::worker, 7);
  EXPECT_EQ(places.next(Carrier::worker, {}), 3);
  EXPECT_EQ(places.next(Carrier::worker, {}), 5);
  EXPECT_EQ(places.next(Carrier::worker, {}), 7);
  EXPECT_FALSE(places.next(Carrier::worker, {}));
}

TEST(Places, ForgetThoseWhoWaitNoMore) {
  Places places{1, 32, 5};
  take_all(places, Carrier::worker);
  for (const Key key : {7, 3, 5}) places.wait(Carrier::worker, key);
  places.forget(Carrier::worker, 3);
  places.forget(Carrier::worker, 4);
  for (int i = 0; i < 3; ++i) places.leave(Carrier::worker);
  EXPECT_EQ(places.next(Carrier::worker, {}), 7);
  EXPECT_EQ(places.next(Carrier::worker, {}), 5);
  EXPECT_TRUE(places.free(Carrier::worker, {})) << "nobody waits";
}

// ------------------------------------------------------------------------------------------------ the
// conductor

// One worker, and a clock that stands still: the floor is all there is until bodies end.
class Unplaced : public ::testing::Test {
 protected:
  Unplaced() {
    h.begin();
    h.keep_waiting();
    h.define("w", [](Context& ctx) -> Task<int> {
      int a = co_await ctx.step("a", {.timeout = 1s}, [] { return 1; });
      int b = co_await ctx.step("b", {.timeout = 1s}, [] { return 2; });
      co_return a + b;
    });
  }
  void TearDown() override { h.expect_at_rest(); }

  [[nodiscard]] std::size_t in_flight() const {
    std::size_t steps = 0;
    for (const InstanceRow& row : h.store().plain().list({.limit = 10'000})) {
      for (const StepRow& step : h.history(row.key).steps) steps += !step.ended_seq && !step.due ? 1 : 0;
    }
    return steps;
  }

  mutable Harness h{{.concurrency = 10'000, .workers = 1}};
};

TEST_F(Unplaced, StepsAreRecordedInOrderAndNotInFlight) {
  const std::vector<Key> keys = h.create_many("w", 3'000);
  EXPECT_EQ(h.bodies().size(), floor_of_one_worker);
  EXPECT_EQ(h.conductor().bodies(), floor_of_one_worker);
  EXPECT_EQ(h.conductor().unplaced(), 3'000 - floor_of_one_worker);
  EXPECT_EQ(in_flight(), floor_of_one_worker);
  const StepRow last = h.step(keys.back(), "a-1");
  EXPECT_EQ(last.attempt, 0);
  EXPECT_EQ(last.due, h.now());
  EXPECT_EQ(last.started_seq, 1);
  EXPECT_EQ(h.status(keys.back()), Status::running);
  EXPECT_GT(h.conductor().next_time(), h.now()) << "it waits for a place, and nobody for the time";
  h.run_bodies();
  EXPECT_EQ(h.output(keys.back()), "3");
  EXPECT_EQ(h.step(keys.back(), "a-1").attempt, 1);
}

TEST_F(Unplaced, StepsAreNotCountedByACrash) {
  const std::vector<Key> keys = h.create_many("w", 1'000);
  h.crash();
  h.run_bodies();
  std::size_t crashes = 0;
  for (const Key key : keys) {
    EXPECT_EQ(h.status(key), Status::complete);
    crashes += static_cast<std::size_t>(h.step(key, "a-1").crashes);
  }
  EXPECT_EQ(crashes, floor_of_one_worker);
}

TEST_F(Unplaced, StepsBeginInTheOrderOfWaiting) {
  const std::vector<Key> keys = h.create_many("w", 100);
  h.run_body(keys[0]);
  ASSERT_EQ(h.bodies().size(), floor_of_one_worker);
  EXPECT_EQ(h.bodies().back().key, keys[floor_of_one_worker]) << "not the next step of the first instance";
  h.run_bodies();
}

// A wide instance does not keep a narrow one waiting.
TEST_F(Unplaced, StepsOfInstancesTakeTurns) {
  h.define("wide", [](Context& ctx) -> Task<int> {
    std::vector<Step<int>> steps;
    for (int i = 0; i < 200; ++i) steps.push_back(ctx.step("s", [] { return 1; }));
    std::vector<int> ones = co_await all(std::move(steps));
    co_return static_cast<int>(ones.size());
  });
  const Key wide = h.create("wide");
  const Key narrow = h.create("w");
  h.run_body();
  h.run_body();
  EXPECT_TRUE(
      std::ranges::any_of(h.bodies(), [&](const engine::RunBody& body) { return body.key == narrow; }));
  h.run_bodies();
  EXPECT_EQ(h.output(wide), "200");
}

TEST_F(Unplaced, StepsLeaveWithTheirInstance) {
  const std::vector<Key> keys = h.create_many("w", 100);
  h.terminate(keys[99]);
  h.pause(keys[98]);
  EXPECT_EQ(h.status(keys[98]), Status::paused) << "no body of it runs";
  EXPECT_EQ(h.conductor().unplaced(), 98 - floor_of_one_worker);
  h.run_bodies();
  EXPECT_EQ(h.step(keys[98], "a-1").attempt, 0);
  h.move(1h);
  h.resume(keys[98]);
  h.run_bodies();
  EXPECT_EQ(h.output(keys[98]), "3");
}

TEST_F(Unplaced, StepsWaitBesideASleepOfTheSameInstance) {
  h.define("both", [](Context& ctx) -> Task<int> {
    const auto sleeper = [](Context& inner) -> Task<int> {
      co_await inner.sleep("nap", 10s);
      int value = co_await inner.step("after", [] { return 2; });
      co_return value;
    };
    auto [a, b] = co_await all(ctx.step("a", [] { return 1; }), sleeper(ctx));
    co_return a + b;
  });
  h.create_many("w", 100);
  const Key key = h.create("both");
  EXPECT_EQ(h.step(key, "a-1").attempt, 0);
  h.move(10s);
  EXPECT_TRUE(h.step(key, "nap-1").ended_seq) << "the time goes on";
  EXPECT_EQ(h.step(key, "after-1").attempt, 0);
  h.crash();
  h.run_bodies();
  EXPECT_EQ(h.output(key), "3");
}

TEST_F(Unplaced, RetriesWaitLikeFirstAttempts) {
  h.define("retries", [](Context& ctx) -> Task<int> {
    int attempt = co_await ctx.step("s", {.retries = {.limit = 3, .delay = 10s}}, [](StepContext& step) {
      if (step.attempt() == 1) throw std::runtime_error("once");
      return step.attempt();
    });
    co_return attempt;
  });
  const Key key = h.create("retries");
  h.run_body();
  h.create_many("w", 100);
  h.move(10s);
  EXPECT_EQ(h.step(key, "s-1").attempt, 1);
  EXPECT_EQ(h.status(key), Status::waiting) << "nothing of it has changed yet";
  EXPECT_GT(h.conductor().next_time(), h.now());
  h.run_bodies();
  EXPECT_EQ(h.output(key), "2");
}

// -------------------------------------------------------------------------------------------------- the
// clock

TEST_F(Unplaced, TimeBeforeABodyBeginsIsNotItsAttempt) {
  const Key key = h.create("w");
  for (int i = 0; i < 10; ++i) h.move(1s);
  ASSERT_EQ(h.bodies().size(), 1U);
  EXPECT_FALSE(h.bodies().front().stop.stop_requested());
  EXPECT_TRUE(h.begin_body("a-1"));
  const Time began = h.now();
  h.move(999ms);
  EXPECT_FALSE(h.bodies().front().stop.stop_requested());
  h.move(1ms);
  EXPECT_TRUE(h.bodies().front().stop.stop_requested());
  h.move(1h);
  h.run_body();
  const StepRow step = h.step(key, "a-1");
  ASSERT_EQ(step.failures.size(), 1U);
  EXPECT_EQ(step.failures[0].started, began);
  EXPECT_EQ(step.failures[0].ended, began + 1s);
  EXPECT_EQ(step.failures[0].error->name, "WorkflowTimeoutError");
  h.finish();
}

TEST_F(Unplaced, TheRecordSaysWhenABodyBegan) {
  const Key key = h.create("w");
  const Time recorded = h.now();
  EXPECT_EQ(h.step(key, "a-1").attempt_started, recorded);
  h.move(500ms);
  EXPECT_TRUE(h.begin_body("a-1"));
  h.move(500ms);
  h.run_body();
  EXPECT_EQ(h.step(key, "a-1").started, recorded);
  EXPECT_EQ(h.step(key, "a-1").attempt_started, recorded + 500ms);
}

TEST_F(Unplaced, TimeOfAnAttemptIsNotThatOfTheWallClock) {
  const Key key = h.create("w");
  EXPECT_TRUE(h.begin_body("a-1"));
  h.leap(24h);
  h.give({engine::Tick{}});
  EXPECT_FALSE(h.bodies().front().stop.stop_requested());
  h.leap(-48h);
  h.move(1s);
  EXPECT_TRUE(h.bodies().front().stop.stop_requested());
  h.leap(24h);
  h.run_body();
  EXPECT_EQ(h.step(key, "a-1").failures.size(), 1U);
  h.finish();
}

TEST_F(Unplaced, TheNextLookAtAnAttemptIsToldByUptime) {
  h.create("w");
  EXPECT_EQ(h.conductor().next_uptime(), h.uptime() + 1s);
  h.move(1s);
  EXPECT_EQ(h.conductor().next_uptime(), h.uptime() + 1s) << "it has not begun, and cannot end before";
}

}  // namespace
}  // namespace cairn::testing
