#include "tests/engine/harness.hpp"

namespace cairn::testing {
namespace {

Task<int> sleepy(Context& ctx) {
  co_await ctx.sleep("nap", 1h);
  co_return 1;
}

class Halted : public ConductorTest {
 protected:
  void SetUp() override {
    ConductorTest::SetUp();
    h.define("two_steps", two_steps);
    h.define("sleepy", sleepy);
  }
};

TEST_F(Halted, BodiesAreAskedToStopAndTheirResultsCount) {
  const Key key = h.create("two_steps", "it");
  h.give({engine::Halt{}});
  ASSERT_EQ(h.bodies().size(), 1U);
  EXPECT_TRUE(h.bodies().front().stop.stop_requested());
  h.run_body();
  EXPECT_TRUE(h.step(key, "a-1").ended_seq);
  EXPECT_TRUE(h.bodies().empty()) << "nothing more begins";
  EXPECT_EQ(h.conductor().residents(), 0U);
  h.crash();
  h.finish();
  EXPECT_EQ(h.output(key), "3");
  EXPECT_EQ(h.journal().size(), 2U);
}

TEST_F(Halted, BodiesThatStillRunAreNamed) {
  h.create("two_steps", "it");
  h.create("sleepy");
  h.give({engine::Halt{}});
  const std::string name = R"(step "a-1" of "it" of workflow "two_steps")";
  EXPECT_EQ(h.conductor().running_steps(), std::vector<std::string>{name});
  h.run_body();
  EXPECT_TRUE(h.conductor().running_steps().empty());
}

TEST_F(Halted, WaitingInstancesLeaveMemoryAndWakeInTheNextLife) {
  const Key key = h.create("sleepy");
  h.give({engine::Halt{}});
  EXPECT_EQ(h.conductor().residents(), 0U);
  EXPECT_FALSE(h.conductor().next_time());
  h.move(2h);
  EXPECT_EQ(h.status(key), Status::waiting);
  h.crash();
  EXPECT_EQ(h.status(key), Status::complete);
}

TEST_F(Halted, IntakeIsTakenAndNothingIsBegun) {
  h.give({engine::Halt{}});
  const Key key = h.create("two_steps");
  EXPECT_EQ(h.status(key), Status::queued);
  EXPECT_FALSE(h.send(key, "go").refused);
  h.pause(key);
  EXPECT_EQ(h.status(key), Status::paused);
  h.resume(key);
  EXPECT_EQ(h.status(key), Status::queued);
  EXPECT_TRUE(h.bodies().empty());
  h.crash();
  h.run_bodies();
  EXPECT_EQ(h.output(key), "3");
}

TEST_F(Halted, WhatIsCreatedInTheSameTurnIsNotCutOff) {
  h.give({h.create_input("two_steps", "before"), engine::Halt{}, h.create_input("two_steps", "after")});
  h.run_bodies();
  EXPECT_EQ(h.conductor().residents(), 0U);
  h.crash();
  h.run_bodies();
  EXPECT_EQ(h.ids(), (std::vector<std::string>{"before", "after"}));
  for (const InstanceRow& row : h.store().plain().list({})) {
    EXPECT_EQ(row.status, Status::complete) << row.id;
    EXPECT_EQ(h.step(row.key, "a-1").crashes, 0) << row.id;
  }
}

TEST_F(Halted, PausesAreConcludedByTheLastBody) {
  const Key key = h.create("two_steps");
  h.give({engine::Halt{}});
  h.pause(key);
  EXPECT_EQ(h.status(key), Status::waiting_for_pause);
  h.run_body();
  EXPECT_EQ(h.status(key), Status::paused);
}

TEST_F(Halted, WhoGaveUpWaitingIsForgotten) {
  const Key key = h.create("sleepy");
  int told = 0;
  const auto count = [&](const std::exception_ptr&, const detail::Ended&) { ++told; };
  h.give({engine::Watch{.key = key, .callback = count, .number = 1}});
  h.give({engine::Watch{.key = key, .callback = count, .number = 2}});
  h.give({engine::Unwatch{.key = key, .number = 1}});
  h.give({engine::Unwatch{.key = key, .number = 3}});
  EXPECT_EQ(h.conductor().watchers(), 1U);
  h.give({engine::Halt{}});
  EXPECT_EQ(told, 1);
}

TEST_F(Halted, WatchersAreToldThatTheEngineStopped) {
  const Key key = h.create("sleepy");
  std::vector<Errc> told;
  const auto watch = [&] {
    h.give({engine::Watch{key, [&](std::exception_ptr error, detail::Ended) {
                            try {
                              if (error) std::rethrow_exception(error);
                            } catch (const Error& why) {
                              told.push_back(why.code());
                            }
                          }}});
  };
  watch();
  h.give({engine::Halt{}});
  watch();
  EXPECT_EQ(told, (std::vector<Errc>{Errc::engine_stopped, Errc::engine_stopped}));
}

TEST_F(Halted, AResultThatTheStoreRefusedIsWrittenBeforeTheEnd) {
  const Key key = h.create("two_steps", "it");
  h.store().plan(Mishap::refused);
  h.run_body();
  ASSERT_FALSE(h.step(key, "a-1").ended_seq);
  h.give({engine::Halt{}});
  EXPECT_TRUE(h.step(key, "a-1").ended_seq);
  h.crash();
  h.finish();
  EXPECT_EQ(h.output(key), "3");
  EXPECT_EQ(h.ran("it/a-1#1"), 1U);
  EXPECT_EQ(h.journal().size(), 2U);
}

TEST_F(Halted, AResultThatIsRefusedAfterwardsIsWrittenWithTheNextOne) {
  const Key early = h.create("two_steps");
  const Key late = h.create("two_steps");
  h.give({engine::Halt{}});
  h.store().plan(Mishap::refused);
  h.run_body(early);
  ASSERT_FALSE(h.step(early, "a-1").ended_seq);
  h.run_body(late);
  EXPECT_TRUE(h.step(late, "a-1").ended_seq);
  EXPECT_TRUE(h.step(early, "a-1").ended_seq);
}

TEST_F(Halted, AStoreThatStaysBrokenIsTriedOnceMoreAndKeepsNobodyWaiting) {
  const Key key = h.create("two_steps", "it");
  for (const Mishap mishap : {Mishap::refused, Mishap::owned}) {
    h.store().plan(mishap, 0, 1'000);
    h.run_body();
    const std::size_t tries = h.store().tries();
    h.give({engine::Halt{}});
    EXPECT_EQ(h.store().tries(), tries + 1) << to_string(mishap);
    EXPECT_FALSE(h.conductor().wants_turn());
    EXPECT_FALSE(h.next_time());
    EXPECT_FALSE(h.step(key, "a-1").ended_seq);
    h.store().heal();
    h.crash();
  }
}

TEST_F(Halted, AnAttemptThatAStopCutShortIsNoFailure) {
  h.define("w", [](Context& ctx) -> Task<int> {
    co_return co_await ctx.step("s", {.retries = {.limit = 0}}, [](StepContext& step) {
      if (step.attempt() == 1) throw std::runtime_error("stopped");
      return step.attempt();
    });
  });
  const Key key = h.create("w");
  h.give({engine::Halt{}});
  h.run_body();
  EXPECT_TRUE(h.step(key, "s-1").failures.empty());
  h.crash();
  h.run_bodies();
  EXPECT_EQ(h.output(key), "2");
  EXPECT_EQ(h.step(key, "s-1").crashes, 1);
}

}  // namespace
}  // namespace cairn::testing
