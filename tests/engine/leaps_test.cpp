#include "tests/engine/harness.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

namespace cairn::testing {
namespace {

// A conductor that is told by its clocks that the wall clock was set.

Task<void> naps(Context& ctx) {
  co_await ctx.sleep("nap", 1h);
}

Task<int> tries(Context& ctx) {
  co_return co_await ctx.step("try", {.retries = {.limit = 5, .delay = 1h, .backoff = Backoff::constant}},
                              []() -> int { throw std::runtime_error{"not yet"}; });
}

class Leaps : public ConductorTest {
 protected:
  void SetUp() override {
    ConductorTest::SetUp();
    h.define("naps", naps);
    h.define("tries", tries);
  }

  [[nodiscard]] std::size_t moves() const {
    std::size_t count = 0;
    for (const auto& group : h.store().groups()) {
      count += static_cast<std::size_t>(std::ranges::count_if(
          group, [](const Change& change) { return std::holds_alternative<MoveClock>(change); }));
    }
    return count;
  }

  void expect_to_end_after(Key key, Duration span) {
    h.move(span - 1s);
    EXPECT_EQ(h.status(key), Status::waiting);
    h.move(1s);
    EXPECT_EQ(h.status(key), Status::complete);
  }
};

TEST_F(Leaps, AreWrittenBeforeWhateverIsWrittenNext) {
  const Key key = h.create("naps");
  h.leap(48h);
  h.create("naps");
  const auto& groups = h.store().groups();
  const auto told = std::ranges::find_if(
      groups, [](const auto& group) { return std::holds_alternative<MoveClock>(group.front()); });
  ASSERT_NE(told, groups.end());
  EXPECT_TRUE(std::holds_alternative<CreateBatch>(told->at(1)));
  expect_to_end_after(key, 1h);
}

TEST_F(Leaps, AreWrittenOnceAndNotWhereTimeJustPasses) {
  h.create("naps");
  h.move(30min);
  EXPECT_EQ(moves(), 0U);
  h.leap(-48h);
  h.move(1min);
  h.move(1min);
  EXPECT_EQ(moves(), 1U);
}

TEST_F(Leaps, ADelayBeforeTheNextAttemptKeepsItsLength) {
  h.create("tries");
  h.run_body();
  h.leap(24h * 365);
  h.move(1h - 1s);
  EXPECT_TRUE(h.bodies().empty());
  h.move(1s);
  EXPECT_EQ(h.bodies().size(), 1U);
  h.run_body();
  h.leap(-24h * 365);
  h.move(1h);
  EXPECT_EQ(h.bodies().size(), 1U);
  h.finish();
}

TEST_F(Leaps, AreForgottenByNoCrash) {
  const Key key = h.create("naps");
  h.leap(24h * 365);
  h.move(10min);
  h.crash();
  expect_to_end_after(key, 50min);
}

TEST_F(Leaps, AStoreThatFailsIsToldLaterAndOnce) {
  for (const Mishap mishap : {Mishap::refused, Mishap::unknown_written, Mishap::unknown_lost}) {
    const Key key = h.create("naps");
    h.store().plan(mishap);
    h.leap(48h);
    EXPECT_THROW(h.create("naps"), Error);
    h.move(1min);
    expect_to_end_after(key, 59min);
    h.crash();
    const Key after = h.create("naps");
    expect_to_end_after(after, 1h);
  }
}

TEST_F(Leaps, OfAnInstanceThatIsReadWhileTheStoreFailsAreKnownOnce) {
  const Key key = h.create("naps");
  h.crash();
  const Key young = h.create("naps");
  h.store().plan(Mishap::unknown_written);
  h.leap(-48h);
  EXPECT_THROW(h.send(young, "nothing waits for it"), Error);
  h.move(1min);
  expect_to_end_after(young, 59min);
  EXPECT_EQ(h.status(key), Status::waiting) << "of an earlier life: the clock says when";
  h.move(48h);
  EXPECT_EQ(h.status(key), Status::complete);
}

// What follows from a commit is told by the clock by which its turn began, and moves with it afterwards.
TEST_F(Leaps, WhileAGroupIsWrittenAreSeenInTheNextTurn) {
  for (const Duration leap : {Duration{24h * 365}, Duration{-24h * 365}}) {
    h.overlap();
    const Key key = h.create("tries");
    std::vector<engine::Input> inputs;
    inputs.push_back(h.create_input("naps", "beside" + std::to_string(key)));
    inputs.push_back(h.take_result());
    h.leap_in_write(leap);
    h.give(std::move(inputs));
    h.move(1h - 1s);
    EXPECT_TRUE(h.bodies().empty());
    h.move(1s);
    ASSERT_EQ(h.bodies().size(), 1U);
    h.terminate(key);
    h.run_bodies();
  }
}

TEST_F(Leaps, WhileAGroupIsWrittenLetInstancesLeaveMemoryAllTheSame) {
  h.overlap();
  h.leap_in_write(-24h * 365);
  h.create("naps");
  h.create_many("naps", 20);
  h.move(1min);
  h.move(1min);
  EXPECT_EQ(h.conductor().residents(), 0U);
}

TEST_F(Leaps, MoveWhatIsWrittenAgainBehindThem) {
  h.overlap();
  for (const Mishap mishap : {Mishap::refused, Mishap::unknown_written, Mishap::unknown_lost}) {
    const Key key = h.create("tries");
    std::vector<engine::Input> inputs;
    inputs.push_back(h.create_input("naps", "beside" + std::to_string(key)));
    inputs.push_back(h.take_result());
    h.turn(std::move(inputs));  // the result is heard, and goes into the next group
    h.leap(-24h * 365);
    h.store().plan(mishap);
    h.give({engine::Tick{}});
    h.move(6s);
    const Duration left = h.step(key, "try-1").due.value() - h.now();
    EXPECT_LE(left, 1h) << to_string(mishap);
    EXPECT_GE(left, 1h - 6s) << to_string(mishap);
    h.terminate(key);
    h.run_bodies();
  }
}

// The result of its last body is heard by the old clock, and written in the group that tells of the new one.
TEST_F(Leaps, LetAnInstanceThatEndsJustBeforeThemBeKeptAsLongAsItShould) {
  h.overlap();
  h.define("kept", [](Context& ctx) -> Task<int> { co_return co_await ctx.step("one", [] { return 1; }); });
  for (const Duration leap : {Duration{24h * 365}, Duration{-24h * 365}}) {
    const Key key = h.create("kept");
    std::vector<engine::Input> inputs;
    inputs.push_back(h.create_input("naps", "beside" + std::to_string(key)));
    inputs.push_back(h.take_result());
    h.turn(std::move(inputs));  // the result is heard, and goes into the next group
    h.leap(leap);
    h.give({engine::Tick{}});
    ASSERT_EQ(h.status(key), Status::complete);
    EXPECT_EQ(h.row(key).expires, h.now() + *h.row(key).retention.success);
  }
}

TEST_F(Leaps, FollowEachOtherInTheirOrderThoughTheStoreFails) {
  const Key key = h.create("naps");
  h.overlap();
  h.store().plan(Mishap::refused, 0, 2);
  h.leap(-24h * 365);
  h.give({engine::Tick{}});
  h.leap_in_write(-48h);
  EXPECT_THROW(h.create("naps"), Error);
  h.move(6s);
  expect_to_end_after(key, 1h - 6s);
  EXPECT_EQ(h.history(key).steps.at(0).ended.value() - h.row(key).created, 1h - 24h * 367);
}

TEST_F(Leaps, ThatTheStoreHasRefusedAreWrittenByAStop) {
  const Key key = h.create("naps");
  h.leap(24h * 365);
  h.store().plan(Mishap::refused);
  h.give({engine::Tick{}});
  h.give({engine::Halt{}});
  h.crash();
  expect_to_end_after(key, 1h);
}

// Whoever was told that it is not written.
TEST_F(Leaps, AConfirmationThatTheStoreHasRefusedIsNeverWritten) {
  for (const Mishap mishap : {Mishap::refused, Mishap::unknown_lost}) {
    const std::size_t before = moves();
    std::optional<Errc> told;
    engine::Reply reply;
    reply.done = [](const Change&, const Outcome&) { ADD_FAILURE() << "it was refused"; };
    reply.failed = [&](const Error& error) { told = error.code(); };
    h.store().plan(mishap);
    h.give({engine::Intake{MoveClock{}, std::move(reply)}});
    EXPECT_TRUE(told);
    h.move(6s);
    const Key key = h.create("naps");
    EXPECT_EQ(moves() - before, told == Errc::outcome_unknown ? 1U : 0U);
    expect_to_end_after(key, 1h);
  }
}

// Where the store has joined what it knows of old leaps, it wakes much too early.
TEST_F(Leaps, SoManyThatTheStoreJoinsThemLeaveNobodyAsleep) {
  h.define("long", [](Context& ctx) -> Task<void> { co_await ctx.sleep("nap", 24h * 20); });
  for (int count = 60; count < 72; ++count) {
    h.leap(-24h * 40);
    h.give({engine::Tick{}});
    const Key key = h.create("long");
    for (int i = 0; i < count; ++i) {
      h.leap((i % 2 == 0 ? 1 : -1) * (10min + i * 1min));
      h.give({engine::Tick{}});
    }
    for (int i = 0; i < 24 * 40 && h.status(key) == Status::waiting; ++i) h.move(1h);
    EXPECT_EQ(h.status(key), Status::complete) << count << " leaps";
  }
}

}  // namespace
}  // namespace cairn::testing
