#include "tests/engine/lending.hpp"
#include "tests/engine/shares.hpp"

// Lending, and what else may happen to the same instance.
namespace cairn::testing {
namespace {

class LendingBeside : public Lending {
 protected:
  void SetUp() override {
    Lending::SetUp();
    h.define("listens", [](Context& ctx) -> Task<int> {
      auto [a, b] = co_await all(ctx.step("a", {.timeout = 1h}, [] { return 1; }), listen(ctx));
      co_return a + b;
    });
    h.define("loops", [](Context& ctx) -> Task<void> {
      co_await all(ctx.step("a", {.timeout = 1h}, [] {}), loop(ctx));
    });
  }

  static Task<int> listen(Context& ctx) {
    co_await ctx.wait_for_event("go", {.type = "go"});
    co_return co_await ctx.step("after", [] { return 2; });
  }
  static Task<void> loop(Context& ctx) {
    for (int i = 0; i >= 0; i = (i + 1) % 100) co_await ctx.sleep("again", 0ms);
  }

  // Its body waits, a child has the slot, and there is something to do for its frames.
  Key lent_and_woken(Key& child) {
    const Key key = h.create("listens");
    child = h.create("child");
    h.give({lend(key)});
    EXPECT_EQ(h.status(child), Status::running);
    h.send(key, "go");
    EXPECT_FALSE(h.step(key, "go-1").ended_seq) << "the child has the slot";
    return key;
  }
};

// ---------------------------------------------------------------------------------------------------------
// a wake-up while the slot is lent

TEST_F(LendingBeside, AWakeUpIsNotForgottenWhenABodyTakesTheSlotBackAtOnce) {
  Key child = 0;
  const Key key = lent_and_woken(child);
  h.give({take_back(key, true)});
  EXPECT_TRUE(h.step(key, "go-1").ended_seq) << "it has a slot, and an event";
  h.run_body("after-1");
  h.run_body("a-1");
  EXPECT_EQ(h.output(key), "3");
  h.run_body(child);
}

TEST_F(LendingBeside, AWakeUpIsNotForgottenWhenABodyThatWantsTheSlotBackIsLate) {
  Key child = 0;
  const Key key = lent_and_woken(child);
  h.give({take_back(key)});
  EXPECT_TRUE(granted.empty());
  h.move(1h);
  EXPECT_EQ(granted, std::vector{key});
  EXPECT_TRUE(h.step(key, "go-1").ended_seq);
  h.run_bodies();
  h.finish();
}

// ---------------------------------------------------------------------------------------------------------
// a slot for nothing

TEST_F(LendingBeside, APauseLeavesTheSlotOfOneThatHadMoreToDo) {
  h.turn({h.create_input("loops", "it")});
  const Key key = h.bodies().front().key;
  h.turn({lend(key), h.create_input("child", "child")});
  const Key child = shares::key_of(h, "child");
  EXPECT_EQ(h.status(child), Status::queued) << "it goes on in the next turn";
  h.pause(key);
  EXPECT_EQ(h.status(child), Status::running) << "all of it waits now";
  h.run_body(child);
  h.give({take_back(key)});
  h.run_body(key);
  EXPECT_EQ(h.status(key), Status::paused);
}

TEST_F(LendingBeside, AGroupThatFailedLeavesTheSlotOfOneThatHadMoreToDo) {
  h.turn({h.create_input("loops", "it")});
  const Key key = h.bodies().front().key;
  const engine::TakeBack back = take_back(key);
  h.turn({lend(key)});
  h.store().plan(Mishap::refused);
  h.turn();
  h.pass(1s);
  h.turn({engine::Tick{}, h.create_input("child", "child")});
  for (int turns = 0; turns < 5; ++turns) h.turn();
  EXPECT_TRUE(std::ranges::any_of(h.bodies(), [&](const engine::RunBody& held) { return held.key != key; }))
      << "its frames are gone, and its body waits";
  h.turn({back});
  h.terminate(key);
  h.run_bodies();
}

// It wanted its slot back for its frames, which have no use for it any more.
TEST_F(LendingBeside, ASlotThatComesBackTooLateGoesToTheNext) {
  Key first = 0;
  const Key key = lent_and_woken(first);
  const Key second = h.create("child");
  h.pause(key);
  h.run_body(first);
  EXPECT_EQ(h.status(second), Status::running);
  EXPECT_EQ(h.conductor().running(), 1U);
  h.run_body(second);
  h.give({take_back(key)});
  h.run_body(key);
  EXPECT_EQ(h.status(key), Status::paused);
}

// One body waits for two instances, one after the other, and the second wait begins before it has the slot.
TEST_F(LendingBeside, ASlotThatComesBackToABodyThatWaitsAgainGoesToTheNext) {
  const Key key = h.create("listens");
  const std::vector<Key> children = h.create_many("child", 2);
  h.give({lend(key)});
  h.pause(key);
  h.give({take_back(key)});
  h.give({lend(key, 2)});
  h.run_body(children[0]);
  EXPECT_EQ(granted, std::vector{key});
  EXPECT_EQ(h.status(children[1]), Status::running);
  h.run_body(children[1]);
  h.give({take_back(key, false, 2)});
  h.run_body(key);
}

// ---------------------------------------------------------------------------------------------------------
// a body that is to stop

TEST_F(LendingBeside, ABodyThatWasAskedToStopBeforeNeedsNotWaitForTheSlot) {
  for (const bool late : {true, false}) {
    granted.clear();
    const Key key = h.create("parent");
    const Key child = h.create("child");
    h.give({lend(key)});
    ASSERT_EQ(h.status(child), Status::running);
    late ? h.move(1h) : static_cast<void>(h.terminate(key));
    EXPECT_TRUE(body(key).stop.stop_requested());
    h.give({take_back(key)});
    EXPECT_EQ(granted, std::vector{key}) << (late ? "it is late" : "it is terminated");
    h.run_body(key);
    h.run_body(child);
    h.finish();
  }
}

// ---------------------------------------------------------------------------------------------------------
// a slot that comes free without a write

engine::ConductorOptions in_pieces() {
  engine::ConductorOptions options = shares::small_shares();
  options.concurrency = 1;
  options.resident = 0;
  options.evict_after = 1s;
  return options;
}

class LendingInPieces : public Lending {
 protected:
  LendingInPieces() : Lending(in_pieces()) {}
};

Task<void> waits_twice(Context& ctx) {
  for (int i = 0; i < 300; ++i) co_await ctx.sleep("nap", 0ms);
  co_await ctx.wait_for_event("one", {.type = "go", .timeout = 30s});
  co_await ctx.wait_for_event("two", {.type = "go", .timeout = 100h});
}

// A time that is past all use wakes an instance: it replays its record, turn by turn, finds nothing to do,
// and nothing is written.
TEST_F(LendingInPieces, ASlotThatNobodyHasAUseForGoesToWhoWantsItBack) {
  h.define("waits_twice", waits_twice);
  const Key waits = h.create("waits_twice");
  h.move(5s);
  ASSERT_EQ(h.conductor().residents(), 0U);
  h.send(waits, "go");
  h.move(5s);
  ASSERT_EQ(h.conductor().residents(), 0U);
  const Key parent = h.create("parent");
  h.give({lend(parent)});
  h.pass(20s);
  const std::size_t before = h.groups();
  ASSERT_TRUE(h.turn({engine::Tick{}}));
  ASSERT_EQ(h.conductor().running(), 1U) << "it has the slot, and more to replay";
  h.give({take_back(parent)});
  EXPECT_EQ(granted, std::vector{parent});
  EXPECT_EQ(h.groups(), before) << "nothing was written meanwhile";
  h.run_body(parent);
}

}  // namespace
}  // namespace cairn::testing
