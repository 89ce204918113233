#include "tests/engine/harness.hpp"

#include <stdexcept>

namespace cairn::testing {
namespace {

constexpr Mishap failures[] = {Mishap::refused, Mishap::unknown_lost, Mishap::unknown_written};

Task<int> side_by_side(Context& ctx) {
  auto [a, b] = co_await all(ctx.step("a", [] { return 1; }), ctx.step("b", [] { return 2; }));
  int c = co_await ctx.step("c", [] { return 4; });
  co_return a + b + c;
}

class Refused : public ConductorTest {
 protected:
  void SetUp() override {
    ConductorTest::SetUp();
    define(h);
  }
  static void define(Harness& harness) {
    harness.define("two_steps", two_steps);
    harness.define("side_by_side", side_by_side);
  }
};

TEST_F(Refused, CallersAreToldWhy) {
  const auto code_of = [&](Mishap mishap) {
    h.store().plan(mishap);
    try {
      h.create("two_steps");
    } catch (const Error& error) {
      return error.code();
    }
    return Errc::internal;
  };
  EXPECT_EQ(code_of(Mishap::refused), Errc::store_failed);
  EXPECT_EQ(code_of(Mishap::unknown_lost), Errc::outcome_unknown);
  h.move(10s);
  EXPECT_EQ(code_of(Mishap::unknown_written), Errc::outcome_unknown);
  h.move(10s);
  h.finish();
  EXPECT_EQ(h.ids().size(), 1U) << "what was written after all runs";
  EXPECT_EQ(h.status(1 + 2), Status::complete);
}

TEST_F(Refused, AResultIsKeptAndWrittenAgain) {
  for (const Mishap mishap : failures) {
    SCOPED_TRACE(to_string(mishap));
    Harness one;
    one.begin();
    define(one);
    const Key key = one.create("two_steps", "it");
    one.store().plan(mishap);
    one.run_body();
    EXPECT_TRUE(one.bodies().empty()) << "nothing new begins";
    one.move(1s);
    one.finish();
    EXPECT_EQ(one.output(key), "3");
    EXPECT_EQ(one.ran("it/a-1#1"), 1U);
    EXPECT_EQ(one.step(key, "a-1").attempt, 1);
    one.expect_at_rest();
  }
}

TEST_F(Refused, AResultIsWrittenInTheEndHoweverLongTheStoreFails) {
  const Key key = h.create("two_steps", "it");
  h.store().plan(Mishap::refused, 0, 20);
  h.run_body();
  h.finish(1h);
  EXPECT_EQ(h.output(key), "3");
  EXPECT_EQ(h.ran("it/a-1#1"), 1U);
}

TEST_F(Refused, TheStoreIsTriedAgainMoreAndMoreSeldom) {
  h.create("two_steps");
  h.store().plan(Mishap::refused, 0, 1'000);
  h.run_body();
  std::vector<Duration> delays;
  for (int i = 0; i < 8; ++i) {
    const Time next = h.next_time().value();
    delays.push_back(next - h.now());
    h.move_to(next);
  }
  EXPECT_EQ(delays, (std::vector<Duration>{100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5s, 5s}));
  h.store().heal();
  h.move(5s);
  h.finish();
}

TEST_F(Refused, TheStoreIsTriedAgainInTimeThoughTheClockIsSetBack) {
  const Key key = h.create("two_steps", "it");
  h.store().plan(Mishap::refused, 0, 1);
  h.run_body();
  h.leap(-24h);
  h.move(100ms);
  h.run_bodies();
  EXPECT_EQ(h.output(key), "3");
}

TEST(RefusedPause, OfOneThatWaitsForAPlaceStrandsNobody) {
  Harness h{{.workers = 1, .spare = 0}};
  h.begin();
  h.define("quick", [](Context& ctx) -> Task<int> {
    int result = co_await ctx.step("a", [] { return 1; });
    co_return result;
  });
  const Key running = h.create("quick");
  const Key waiting = h.create("quick");
  ASSERT_EQ(h.bodies().size(), 1U);
  h.store().plan(Mishap::refused);
  h.give({h.control_input(waiting, Command::pause)});
  h.move(1s);
  h.finish();
  EXPECT_EQ(h.output(running), "1");
  EXPECT_EQ(h.output(waiting), "1");
  h.expect_at_rest();
}

TEST_F(Refused, FramesAreCondemnedAndKeptUntilTheirBodiesHaveReturned) {
  for (const Mishap mishap : failures) {
    SCOPED_TRACE(to_string(mishap));
    Harness one;
    one.begin();
    define(one);
    const Key key = one.create("side_by_side", "it");
    one.store().plan(mishap);
    one.run_body("a-1");
    one.move(1min);
    ASSERT_EQ(one.bodies().size(), 1U) << "no second frame tree while a body of the first runs";
    EXPECT_EQ(one.conductor().residents(), 1U);
    one.run_body("b-1");
    ASSERT_EQ(one.bodies().size(), 1U);
    EXPECT_EQ(one.bodies().front().step(), "c-1");
    one.run_bodies();
    EXPECT_EQ(one.output(key), "7");
    EXPECT_EQ(one.journal().size(), 3U);
    one.expect_at_rest();
  }
}

TEST_F(Refused, APauseLeavesTheInstanceAsItWas) {
  for (const Mishap mishap : failures) {
    SCOPED_TRACE(to_string(mishap));
    Harness one;
    one.begin();
    define(one);
    const Key key = one.create("two_steps", "it");
    one.store().plan(mishap);
    EXPECT_THROW(one.pause(key), Error);
    one.move(1s);
    one.run_bodies();
    if (mishap == Mishap::unknown_written) {
      EXPECT_EQ(one.status(key), Status::paused);
      one.resume(key);
      one.run_bodies();
    }
    EXPECT_EQ(one.output(key), "3");
    EXPECT_EQ(one.ran("it/a-1#1"), 1U);
    one.expect_at_rest();
  }
}

TEST_F(Refused, APauseInTheGroupOfALastResultStrandsNothing) {
  for (const bool pause_first : {true, false}) {
    for (const Mishap mishap : {Mishap::refused, Mishap::unknown_lost}) {
      SCOPED_TRACE(std::string{to_string(mishap)} + (pause_first ? ", pause first" : ", result first"));
      Harness one;
      one.begin();
      define(one);
      const Key key = one.create("two_steps", "it");
      one.store().plan(mishap);
      std::vector<engine::Input> inputs;
      if (pause_first) inputs.push_back(one.control_input(key, Command::pause));
      inputs.push_back(one.take_result());
      if (!pause_first) inputs.push_back(one.control_input(key, Command::pause));
      one.give(std::move(inputs));
      one.move(1s);
      one.finish();
      EXPECT_EQ(one.output(key), "3");
      EXPECT_EQ(one.ran("it/a-1#1"), 1U);
      one.expect_at_rest();
    }
  }
}

TEST_F(Refused, AResultInTheGroupOfATerminationIsNotLost) {
  for (const Command command : {Command::terminate, Command::restart}) {
    Harness one;
    one.begin();
    define(one);
    const Key key = one.create("two_steps", "it");
    one.store().plan(Mishap::refused);
    std::vector<engine::Input> inputs;
    inputs.push_back(one.control_input(key, command));
    inputs.push_back(one.take_result());
    one.give(std::move(inputs));
    one.move(1s);
    one.finish();
    EXPECT_EQ(one.output(key), "3");
    EXPECT_EQ(one.ran("it/a-1#1"), 1U);
    EXPECT_EQ(one.step(key, "a-1").crashes, 0);
    one.expect_at_rest();
  }
}

TEST_F(Refused, ATerminationAsksNoBodyToStop) {
  for (const Command command : {Command::terminate, Command::restart}) {
    Harness one;
    one.begin();
    define(one);
    const Key key = one.create("two_steps", "it");
    one.store().plan(Mishap::refused);
    EXPECT_THROW(one.control(key, command), Error);
    EXPECT_FALSE(one.bodies().front().stop.stop_requested());
    one.move(1s);
    one.finish();
    EXPECT_EQ(one.output(key), "3");
    EXPECT_EQ(one.journal().size(), 2U);
    one.expect_at_rest();
  }
}

TEST_F(Refused, AResultOfAPausingInstanceStillPausesIt) {
  for (const Mishap mishap : failures) {
    SCOPED_TRACE(to_string(mishap));
    Harness one;
    one.begin();
    define(one);
    const Key key = one.create("side_by_side", "it");
    one.pause(key);
    one.store().plan(mishap);
    one.run_body("a-1");
    one.move(1s);
    one.run_body("b-1");
    EXPECT_EQ(one.status(key), Status::paused);
    one.resume(key);
    one.finish();
    EXPECT_EQ(one.output(key), "7");
    EXPECT_EQ(one.journal().size(), 3U);
    one.expect_at_rest();
  }
}

TEST_F(Refused, ASecondRequestOfAPausingInstanceStrandsNothing) {
  for (const Mishap mishap : failures) {
    for (const Command command : {Command::pause, Command::resume}) {
      SCOPED_TRACE(std::string{to_string(mishap)} + (command == Command::pause ? " pause" : " resume"));
      Harness one;
      one.begin();
      define(one);
      const Key key = one.create("side_by_side", "it");
      one.pause(key);
      one.store().plan(mishap);
      EXPECT_THROW(one.control(key, command), Error);
      one.move(1s);
      one.run_bodies();
      if (one.status(key) == Status::paused) one.resume(key);
      one.finish();
      EXPECT_EQ(one.output(key), "7");
      one.expect_at_rest();
    }
  }
}

}  // namespace
}  // namespace cairn::testing
