#include "tests/engine/harness.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>

namespace cairn::testing {
namespace {

// A pause while bodies run, and a resume before the last of them has returned: the other branches go on at
// once, with what came meanwhile.

Task<int> slow(Context& ctx) {
  co_return co_await ctx.step("slow", {.timeout = 48h}, [] { return 100; });
}

Task<int> by_result(Context& ctx) {
  co_await ctx.step("fast", [] {});
  co_return co_await ctx.step("next", [] { return 1; });
}

Task<int> by_time(Context& ctx) {
  co_await ctx.sleep("nap", 1h);
  co_return co_await ctx.step("next", [] { return 1; });
}

Task<int> by_event(Context& ctx) {
  Event event = co_await ctx.wait_for_event("wait", {.type = "go", .timeout = 2h});
  int value = event.payload.get<int>();
  int next = co_await ctx.step("next", [] { return 0; });
  co_return value + next;
}

Task<int> by_retry(Context& ctx) {
  co_return co_await ctx.step("next", {.retries = {.limit = 3, .delay = 1h, .backoff = Backoff::constant}},
                              [](StepContext& step) {
                                if (step.attempt() == 1) throw std::runtime_error("once");
                                return 1;
                              });
}

Task<int> by_timeout(Context& ctx) {
  int value = 0;
  try {
    co_await ctx.step("fast", {.retries = {.limit = 0}, .timeout = 1h}, [] {});
  } catch (const TimeoutError&) {
    value = 1;
  }
  int next = co_await ctx.step("next", [] { return 0; });
  co_return value + next;
}

using Branch = Task<int> (*)(Context&);

class Suspended : public ConductorTest {
 protected:
  Key create(Branch branch) {
    h.define("w", [branch](Context& ctx) -> Task<int> {
      auto [left, right] = co_await all(slow(ctx), branch(ctx));
      co_return left + right;
    });
    return h.create("w", "it");
  }

  [[nodiscard]] bool runs(std::string_view step) const {
    return std::ranges::any_of(h.bodies(), [&](const engine::RunBody& body) { return body.step() == step; });
  }

  void expect_the_end(Key key) {
    h.finish();
    EXPECT_EQ(h.output(key), "101");
    EXPECT_EQ(h.ran("it/slow-1#1"), 1U);
  }
};

TEST_F(Suspended, BranchGoesOnWithAResultThatCameWhileItPaused) {
  const Key key = create(by_result);
  h.pause(key);
  h.run_body("fast-1");
  EXPECT_EQ(h.status(key), Status::waiting_for_pause);
  EXPECT_TRUE(h.step(key, "fast-1").ended_seq);
  EXPECT_FALSE(runs("next-1")) << "it stands still";
  h.resume(key);
  EXPECT_EQ(h.status(key), Status::running);
  EXPECT_TRUE(runs("next-1")) << "though the slow body has not returned";
  h.run_body("next-1");
  expect_the_end(key);
}

TEST_F(Suspended, BranchGoesOnWithATimerThatCameDueBeforeTheResume) {
  const Key key = create(by_time);
  h.move(30min);
  h.pause(key);
  h.move(5h);
  EXPECT_FALSE(h.step(key, "nap-1").ended_seq);
  h.resume(key);
  h.move(30min - 1ms);
  EXPECT_FALSE(runs("next-1")) << "the paused time is added";
  h.move(1ms);
  EXPECT_TRUE(runs("next-1"));
  expect_the_end(key);
}

TEST_F(Suspended, BranchGoesOnWithAnEventThatCameWhileItPaused) {
  for (const bool same_group : {false, true}) {
    Harness one;
    one.begin();
    one.define("w", [](Context& ctx) -> Task<int> {
      auto [left, right] = co_await all(slow(ctx), by_event(ctx));
      co_return left + right;
    });
    const Key key = one.create("w");
    if (same_group) {
      one.give({one.control_input(key, Command::pause), Harness::event_input(key, "go", "1")});
    } else {
      one.pause(key);
      one.send(key, "go", "1");
    }
    EXPECT_EQ(one.history(key).events.size(), 1U);
    one.resume(key);
    EXPECT_TRUE(one.history(key).events.empty());
    EXPECT_EQ(one.bodies().size(), 2U);
    one.finish();
    EXPECT_EQ(one.output(key), "101");
    one.expect_at_rest();
  }
}

TEST_F(Suspended, BranchGoesOnWithAnEventThatComesWithTheResume) {
  const Key key = create(by_event);
  h.pause(key);
  h.give({Harness::event_input(key, "go", "1"), h.control_input(key, Command::resume)});
  EXPECT_TRUE(runs("next-1"));
  expect_the_end(key);
}

TEST_F(Suspended, BranchTakesAnEventAfterTheResume) {
  const Key key = create(by_event);
  h.pause(key);
  h.resume(key);
  const std::size_t groups = h.groups();
  h.send(key, "go", "1");
  EXPECT_EQ(h.groups(), groups + 1) << "it goes straight to its wait";
  EXPECT_TRUE(runs("next-1"));
  expect_the_end(key);
}

TEST_F(Suspended, BranchTriesAgainAfterADelayThatTheResumeHasMoved) {
  const Key key = create(by_retry);
  h.run_body("next-1");
  h.move(30min);
  h.pause(key);
  h.move(5h);
  EXPECT_FALSE(runs("next-1"));
  h.resume(key);
  h.move(30min - 1ms);
  EXPECT_FALSE(runs("next-1"));
  h.move(1ms);
  EXPECT_TRUE(runs("next-1"));
  expect_the_end(key);
}

TEST_F(Suspended, BranchTriesAgainWhenItsBodyFailedWhileItPaused) {
  const Key key = create(by_retry);
  h.move(1min);
  h.pause(key);
  h.move(2h);
  h.run_body("next-1");
  EXPECT_EQ(h.step(key, "next-1").failures.size(), 1U);
  h.move(2h);
  h.resume(key);
  h.move(1h - 1ms);
  EXPECT_FALSE(runs("next-1")) << "of the pause, only what followed the failure counts";
  h.move(1ms);
  EXPECT_TRUE(runs("next-1"));
  expect_the_end(key);
}

TEST_F(Suspended, BodyIsAskedToStopAtItsDeadlineAndItsFailureIsKept) {
  const Key key = create(by_timeout);
  h.pause(key);
  h.move(1h);
  const auto fast = std::ranges::find(h.bodies(), "fast-1", &engine::RunBody::step);
  ASSERT_NE(fast, h.bodies().end());
  EXPECT_TRUE(fast->stop.stop_requested());
  h.run_body("fast-1");
  EXPECT_EQ(h.step(key, "fast-1").error->name, "WorkflowTimeoutError");
  h.resume(key);
  EXPECT_TRUE(runs("next-1"));
  expect_the_end(key);
}

TEST_F(Suspended, InstancePausesAgainAndAgain) {
  const Key key = create(by_result);
  for (int i = 0; i < 3; ++i) {
    h.pause(key);
    h.pause(key);
    h.resume(key);
    h.resume(key);
  }
  h.pause(key);
  h.run_body("fast-1");
  h.give({h.control_input(key, Command::resume), h.control_input(key, Command::pause)});
  EXPECT_EQ(h.status(key), Status::waiting_for_pause);
  h.run_bodies();
  EXPECT_EQ(h.status(key), Status::paused);
  EXPECT_EQ(h.conductor().residents(), 0U);
  h.resume(key);
  expect_the_end(key);
}

TEST_F(Suspended, InstanceThatIsTerminatedDropsWhatWasKept) {
  const Key key = create(by_result);
  h.pause(key);
  h.run_body("fast-1");
  h.terminate(key);
  ASSERT_EQ(h.bodies().size(), 1U);
  EXPECT_TRUE(h.bodies().front().stop.stop_requested());
  h.run_body("slow-1");
  EXPECT_TRUE(h.bodies().empty());
  EXPECT_EQ(h.status(key), Status::terminated);
  EXPECT_EQ(h.conductor().residents(), 0U);
}

TEST_F(Suspended, InstanceThatIsRestartedDropsWhatWasKept) {
  const Key key = create(by_result);
  h.pause(key);
  h.run_body("fast-1");
  h.restart(key);
  ASSERT_EQ(h.bodies().size(), 1U);
  EXPECT_TRUE(h.bodies().front().stop.stop_requested());
  h.run_body("slow-1");
  EXPECT_TRUE(runs("fast-1")) << "from the beginning";
  h.finish();
  EXPECT_EQ(h.row(key).run, 2);
  EXPECT_EQ(h.output(key), "101");
  EXPECT_EQ(h.ran("it/slow-1#1"), 2U);
}

TEST_F(Suspended, InstanceGoesOnFromTheRecordAfterACrash) {
  const Key key = create(by_result);
  h.pause(key);
  h.run_body("fast-1");
  h.crash();
  EXPECT_EQ(h.status(key), Status::paused);
  h.resume(key);
  EXPECT_TRUE(runs("next-1"));
  h.finish();
  EXPECT_EQ(h.output(key), "101");
  EXPECT_EQ(h.ran("it/fast-1#1"), 1U);
}

TEST_F(Suspended, InstanceLeavesMemoryWithItsLastBodyWhenTheEngineEnds) {
  const Key key = create(by_result);
  h.pause(key);
  h.run_body("fast-1");
  h.give({engine::Halt{}});
  h.run_body("slow-1");
  EXPECT_EQ(h.status(key), Status::paused);
  EXPECT_EQ(h.conductor().residents(), 0U);
}

// ------------------------------------------------------------------------------------------- the order of
// results

Task<std::string> named(Context& ctx, std::string own) {
  std::string a = co_await ctx.step(own, [&] { return own; });
  std::string b = co_await ctx.step("x", [&] { return "x of " + own; });
  co_return a + "=" + b;
}

Task<std::string> three_named(Context& ctx) {
  auto [slowest, left, right] = co_await all(named(ctx, "slowest"), named(ctx, "left"), named(ctx, "right"));
  co_await ctx.sleep("nap", 1h);
  co_return slowest + ", " + left + ", " + right;
}

// Whoever comes first gets "x-1": after a crash each branch must get its own value again, so the frames go on
// in the order in which the results were recorded.
TEST_F(Suspended, BranchesGoOnInTheOrderInWhichTheirResultsWereRecorded) {
  for (const bool left_first : {true, false}) {
    for (const bool both_while_it_paused : {true, false}) {
      Harness one;
      one.begin();
      one.define("w", three_named);
      const Key key = one.create("w");
      const std::string first = left_first ? "left" : "right";
      const std::string second = left_first ? "right" : "left";
      one.pause(key);
      one.run_body(first + "-1");
      if (both_while_it_paused) one.run_body(second + "-1");
      one.resume(key);
      if (!both_while_it_paused) one.run_body(second + "-1");
      one.run_body("x-2");
      one.run_body("x-1");
      EXPECT_EQ(one.step(key, "x-1").output, "\"x of " + first + "\"");
      one.run_body("slowest-1");
      one.run_bodies();
      one.crash();
      one.finish();
      EXPECT_EQ(one.output(key), R"("slowest=x of slowest, left=x of left, right=x of right")");
      EXPECT_EQ(one.journal().size(), 6U);
      one.expect_at_rest();
    }
  }
}

// ------------------------------------------------------------------------------------------- the store may
// fail

using Play = std::function<void(Harness&, Key)>;

const Play plays[] = {
    [](Harness& h, Key key) { h.give({h.control_input(key, Command::pause)}); },
    [](Harness& h, Key key) {
      if (!h.bodies().empty()) h.run_body(key);
    },
    [](Harness& h, Key key) { h.give({Harness::event_input(key, "go", "1")}); },
    [](Harness& h, Key key) { h.give({h.control_input(key, Command::resume)}); },
};

// Pause, a result, an event, resume: whatever becomes of the group of one of them.
TEST_F(Suspended, InstanceEndsRightWhicheverGroupFails) {
  for (const Mishap mishap : {Mishap::refused, Mishap::unknown_lost, Mishap::unknown_written,
                              Mishap::crash_before, Mishap::crash_after}) {
    for (std::size_t failing = 0; failing < std::size(plays); ++failing) {
      for (const bool overlaps : {false, true}) {
        SCOPED_TRACE(std::string{to_string(mishap)} + " at " + std::to_string(failing));
        Harness one;
        if (overlaps) one.overlap();
        one.begin();
        one.define("w", [](Context& ctx) -> Task<int> {
          auto [left, middle, right] = co_await all(by_result(ctx), by_event(ctx), slow(ctx));
          co_return left + middle + right;
        });
        const Key key = one.create("w", "it");
        for (std::size_t i = 0; i < std::size(plays); ++i) {
          if (i == failing) one.store().plan(mishap);
          plays[i](one, key);
        }
        one.store().heal();
        one.move(1s);
        one.run_bodies();
        if (one.status(key) == Status::paused) one.resume(key);
        one.run_bodies();
        const History record = one.history(key);
        const bool waits = std::ranges::any_of(record.steps, [](const StepRow& step) {
          return step.kind == StepKind::wait_for_event && !step.ended_seq;
        });
        if (waits && record.events.empty()) one.send(key, "go", "1");
        one.finish(1min);
        EXPECT_EQ(one.status(key), Status::complete);
        EXPECT_EQ(one.output(key), "102");
        if (!is_crash(mishap)) {
          EXPECT_LE(one.ran("it/fast-1#1"), 1U);
        }
        one.expect_at_rest();
        EXPECT_EQ(one.conductor().residents(), 0U);
      }
    }
  }
}

}  // namespace
}  // namespace cairn::testing
