#include "tests/engine/harness.hpp"

// Bodies that were recorded as in flight, and are not wanted any more before they begin.
namespace cairn::testing {
namespace {

class NotBegun : public ConductorTest {
 protected:
  void SetUp() override {
    ConductorTest::SetUp();
    h.keep_waiting();
    h.define("w", [](Context& ctx) -> Task<int> {
      int a = co_await ctx.step("a", [] { return 1; });
      int b = co_await ctx.step("b", [] { return 2; });
      co_return a + b;
    });
    h.define("two", [](Context& ctx) -> Task<int> {
      auto [a, b] = co_await all(ctx.step("a", [] { return 1; }), ctx.step("b", [] { return 2; }));
      co_return a + b;
    });
  }

  // Asks for it, and says whether the launch of `body` had been called off when the answer came.
  bool called_off_before_the_answer(Key key, Command command, const std::shared_ptr<engine::Launch>& launch) {
    std::optional<bool> called_off;
    auto input = std::get<engine::Intake>(h.control_input(key, command));
    input.reply.done = [&](const Change&, const Outcome&) { called_off = launch->is_called_off(); };
    h.give({std::move(input)});
    return called_off.value();
  }

  void expect_withdrawn(Key key) {
    const StepRow step = h.step(key, "a-1");
    EXPECT_EQ(step.attempt, 0);
    EXPECT_TRUE(step.due);
    EXPECT_TRUE(step.failures.empty());
    EXPECT_EQ(step.crashes, 0);
    EXPECT_FALSE(step.ended_seq);
  }
};

TEST_F(NotBegun, AreCalledOffBeforeTheAnswerToATermination) {
  const Key key = h.create("w");
  const auto launch = h.bodies().front().launch;
  EXPECT_TRUE(called_off_before_the_answer(key, Command::terminate, launch));
  EXPECT_FALSE(launch->begin({}));
  EXPECT_TRUE(h.bodies().empty());
  EXPECT_EQ(h.conductor().residents(), 0U) << "nothing is waited for";
}

TEST_F(NotBegun, AreCalledOffBeforeTheAnswerToAPause) {
  const Key key = h.create("w");
  EXPECT_TRUE(called_off_before_the_answer(key, Command::pause, h.bodies().front().launch));
  EXPECT_EQ(h.status(key), Status::paused);
  expect_withdrawn(key);
  h.move(1h);
  h.resume(key);
  h.run_bodies();
  EXPECT_EQ(h.output(key), "3");
  EXPECT_EQ(h.step(key, "a-1").attempt, 1);
}

TEST_F(NotBegun, AreCalledOffBeforeTheAnswerToARestart) {
  const Key key = h.create("w", "it");
  EXPECT_TRUE(called_off_before_the_answer(key, Command::restart, h.bodies().front().launch));
  ASSERT_EQ(h.bodies().size(), 1U) << "the new run waits for nobody";
  EXPECT_EQ(h.bodies().front().run, 2);
  h.run_bodies();
  EXPECT_EQ(h.output(key), "3");
  EXPECT_EQ(h.ran("it/a-1#1"), 1U);
}

TEST_F(NotBegun, AreWithdrawnByAHalt) {
  const Key key = h.create("w");
  h.give({engine::Halt{}});
  EXPECT_TRUE(h.bodies().empty());
  EXPECT_EQ(h.conductor().bodies(), 0U) << "a stop waits for those that run alone";
  expect_withdrawn(key);
  h.crash();
  h.run_bodies();
  EXPECT_EQ(h.output(key), "3");
  EXPECT_EQ(h.step(key, "a-1").crashes, 0);
}

TEST_F(NotBegun, AreToldFromThoseThatRun) {
  const Key key = h.create("two");
  EXPECT_TRUE(h.begin_body("b-1"));
  h.pause(key);
  EXPECT_EQ(h.status(key), Status::waiting_for_pause);
  ASSERT_EQ(h.bodies().size(), 1U);
  expect_withdrawn(key);
  h.run_body("b-1");
  EXPECT_EQ(h.status(key), Status::paused);
  h.resume(key);
  h.run_bodies();
  EXPECT_EQ(h.output(key), "3");
}

TEST_F(NotBegun, AreNotHandedOverWhenThePauseIsInTheGroupOfTheirStart) {
  const Key key = h.create("w");
  h.give({h.take_result("a-1"), h.control_input(key, Command::pause)});
  EXPECT_TRUE(h.bodies().empty());
  EXPECT_EQ(h.status(key), Status::paused);
  EXPECT_TRUE(h.step(key, "a-1").ended_seq);
  EXPECT_EQ(h.step(key, "b-1").attempt, 0);
  h.resume(key);
  h.run_bodies();
  EXPECT_EQ(h.output(key), "3");
}

TEST_F(NotBegun, MayBeginWhenThePauseWasRefusedByTheStore) {
  const Key key = h.create("w");
  const auto launch = h.bodies().front().launch;
  h.store().plan(Mishap::refused);
  EXPECT_THROW(h.pause(key), Error);
  EXPECT_FALSE(launch->is_called_off()) << "it is not paused";
  h.run_body();
  h.move(1s);
  h.finish();
  EXPECT_EQ(h.output(key), "3");
}

TEST_F(NotBegun, AreWithdrawnAgainWhenThatCouldNotBeWritten) {
  const Key key = h.create("w");
  h.turn({h.control_input(key, Command::pause)});
  h.store().plan(Mishap::refused);
  h.give({});
  EXPECT_EQ(h.status(key), Status::waiting_for_pause);
  h.move(1s);
  EXPECT_EQ(h.status(key), Status::paused);
  expect_withdrawn(key);
  h.resume(key);
  h.run_bodies();
  EXPECT_EQ(h.output(key), "3");
}

TEST_F(NotBegun, AreForgottenByAFault) {
  h.create("w");
  const auto launch = h.bodies().front().launch;
  static_cast<void>(h.conductor().abandon());
  EXPECT_TRUE(launch->is_called_off());
  h.crash();
  h.run_bodies();
}

}  // namespace
}  // namespace cairn::testing
