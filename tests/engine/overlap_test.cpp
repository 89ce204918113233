#include "tests/engine/harness.hpp"

namespace cairn::testing {
namespace {

// While a group is written, results of bodies are heard, and what follows goes into the next group.

Task<int> one_after_another(Context& ctx) {
  int a = co_await ctx.step("a", [] { return 1; });
  int b = co_await ctx.step("b", [] { return 2; });
  co_return a + b;
}

Task<int> at_once(Context& ctx) {
  auto [a, b] = co_await all(ctx.step("a", [] { return 1; }), ctx.step("b", [] { return 2; }));
  co_return a + b;
}

class Overlap : public ConductorTest {
 protected:
  void SetUp() override {
    h.overlap();
    ConductorTest::SetUp();
    h.define("two_steps", one_after_another);
    h.define("side_by_side", at_once);
  }

  // One turn: the change is in its group, and the result comes while that is written.
  bool turn(engine::Input change, engine::Input result) {
    std::vector<engine::Input> inputs;
    inputs.push_back(std::move(change));
    inputs.push_back(std::move(result));
    return h.turn(std::move(inputs));
  }
};

TEST_F(Overlap, AResultThatComesWhileAGroupIsWrittenIsDurableWithTheNext) {
  const Key key = h.create("two_steps");
  const bool more = turn(h.create_input("two_steps", "other"), h.take_result(key));
  EXPECT_TRUE(more);
  EXPECT_FALSE(h.step(key, "a-1").ended_seq);
  EXPECT_FALSE(h.turn());
  EXPECT_TRUE(h.step(key, "a-1").ended_seq);
  h.finish();
  EXPECT_EQ(h.output(key), "3");
}

TEST_F(Overlap, NoBodyStartsBeforeItsOwnGroupIsDurable) {
  const Key key = h.create("two_steps");
  turn(h.create_input("two_steps", "other"), h.take_result(key));
  for (const engine::RunBody& body : h.bodies()) EXPECT_NE(body.key, key);
  h.give({});
  h.finish();
}

TEST_F(Overlap, AResultThatWasBuiltOnAGroupThatFailedIsWrittenAgain) {
  const Key key = h.create("side_by_side");
  const Key other = h.create("two_steps");
  engine::Input left = h.take_result(key);
  engine::Input right = h.take_result(key);
  h.turn({h.take_result(other)});
  h.store().plan(Mishap::refused);
  // The group that fails holds what `other` did; both results of `key` are heard meanwhile.
  std::vector<engine::Input> inputs;
  inputs.push_back(Harness::event_input(other, "go"));
  inputs.push_back(std::move(left));
  inputs.push_back(std::move(right));
  h.give(std::move(inputs));
  EXPECT_FALSE(h.step(key, "a-1").ended_seq);
  h.move(1s);
  h.finish();
  EXPECT_EQ(h.output(key), "3");
  EXPECT_EQ(h.ran("i-1/a-1#1"), 1U);
  EXPECT_EQ(h.ran("i-1/b-1#1"), 1U);
}

TEST_F(Overlap, TheLastResultOfAPausedInstanceIsKeptWhenItsPauseFails) {
  for (const Mishap mishap : {Mishap::refused, Mishap::unknown_lost, Mishap::unknown_written}) {
    const Key key = h.create("two_steps");
    h.store().plan(mishap);
    engine::Input pause = h.control_input(key, Command::pause);
    turn(std::move(pause), h.take_result(key));
    h.give({});
    h.move(10s);
    EXPECT_TRUE(h.step(key, "a-1").ended_seq);
    if (h.status(key) == Status::paused) h.resume(key);
    h.finish();
    EXPECT_EQ(h.output(key), "3");
  }
}

TEST_F(Overlap, AnInstanceThatIsResumedMeanwhileIsReadAgainWithItsResult) {
  const Key key = h.create("two_steps");
  engine::Input result = h.take_result(key);
  h.pause(key);
  EXPECT_EQ(h.status(key), Status::waiting_for_pause);
  // Its frames are gone; its last body returns while the group of the resume is written.
  turn(h.control_input(key, Command::resume), std::move(result));
  h.give({});
  EXPECT_TRUE(h.step(key, "a-1").ended_seq);
  h.finish();
  EXPECT_EQ(h.output(key), "3");
  EXPECT_EQ(h.ran("i-1/a-1#1"), 1U);
  EXPECT_EQ(h.ran("i-1/a-1#2"), 0U);
}

TEST_F(Overlap, AHaltThatComesMeanwhileKeepsTheResult) {
  const Key key = h.create("two_steps");
  const Key other = h.create("two_steps");
  turn(h.create_input("two_steps", "third"), h.take_result(key));
  h.give({engine::Halt{}});
  while (!h.bodies().empty()) h.run_body();
  EXPECT_TRUE(h.step(key, "a-1").ended_seq);
  EXPECT_TRUE(h.step(other, "a-1").ended_seq);
}

}  // namespace
}  // namespace cairn::testing
