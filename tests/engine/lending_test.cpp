#include "tests/engine/lending.hpp"

#include <algorithm>

// Bodies that wait for other instances, and lend what they hold.
namespace cairn::testing {
namespace {

TEST_F(Lending, LetsTheChildRunInTheOnlySlot) {
  const Key parent = h.create("parent");
  const Key child = h.create("child");
  EXPECT_EQ(h.status(child), Status::queued);
  h.give({lend(parent)});
  EXPECT_EQ(h.status(child), Status::running);
  EXPECT_EQ(h.status(parent), Status::running);
  h.run_body(child);
  h.give({take_back(parent)});
  EXPECT_EQ(granted, std::vector{parent});
  h.run_body(parent);
  EXPECT_EQ(h.output(parent), "1");
}

class LendingTheOnlyPlace : public Lending {
 protected:
  LendingTheOnlyPlace() : Lending({.concurrency = 1, .workers = 1, .spare = 0}) {}
};

// Else it would wait for the slot of one that waits for its place.
TEST_F(LendingTheOnlyPlace, LeavesItToOthersUntilTheSlotIsBack) {
  h.define("two", [](Context& ctx) -> Task<int> {
    const int a = co_await ctx.step("a", [] { return 1; });
    const int b = co_await ctx.step("b", [] { return 2; });
    co_return a + b;
  });
  const Key parent = h.create("parent");
  const Key two = h.create("two");
  h.give({lend(parent)});
  h.give({take_back(parent)});
  h.run_body(two);
  ASSERT_TRUE(holds_body(two)) << "its second one has its place";
  h.run_body(two);
  EXPECT_EQ(granted, std::vector{parent});
  h.run_body(parent);
}

TEST_F(Lending, KeepsTheSlotWhileAnotherBodyOfTheInstanceRuns) {
  h.define("both", [](Context& ctx) -> Task<int> {
    auto [a, b] = co_await all(ctx.step("a", [] { return 1; }), ctx.step("b", [] { return 2; }));
    co_return a + b;
  });
  const Key both = h.create("both");
  const Key child = h.create("child");
  const engine::Lend first = lend(both);
  h.give({first});
  EXPECT_EQ(h.status(child), Status::queued);
  h.run_body("b-1");
  EXPECT_EQ(h.status(child), Status::running) << "now nobody of it does anything";
  h.run_body(child);
  h.give({take_back(both)});
  h.run_body("a-1");
  EXPECT_EQ(h.output(both), "3");
}

TEST_F(Lending, GivesTheSlotBackBeforeAnythingElseBegins) {
  const Key parent = h.create("parent");
  const std::vector<Key> children = h.create_many("child", 3);
  h.give({lend(parent)});
  ASSERT_EQ(h.status(children[0]), Status::running);
  h.give({take_back(parent)});
  EXPECT_TRUE(granted.empty()) << "the slot is taken";
  h.run_body(children[0]);
  EXPECT_EQ(granted, std::vector{parent});
  EXPECT_EQ(h.status(children[1]), Status::queued);
  EXPECT_EQ(h.conductor().running(), 1U);
  h.run_body(parent);
  EXPECT_EQ(h.status(children[1]), Status::running);
  h.run_bodies();
}

TEST_F(Lending, GivesTheSlotBackBeforeWhatIsCreatedMeanwhile) {
  const Key parent = h.create("parent");
  const Key child = h.create("child");
  h.give({lend(parent)});
  h.give({take_back(parent)});
  h.give({h.take_result(child), h.create_input("child", "another")});
  EXPECT_EQ(granted, std::vector{parent});
  EXPECT_EQ(h.conductor().running(), 1U);
  h.run_bodies();
}

TEST_F(Lending, NestsAsDeepAsInstancesDo) {
  std::vector<Key> chain;
  for (int depth = 0; depth < 10; ++depth) {
    chain.push_back(h.create("parent"));
    ASSERT_TRUE(holds_body(chain.back())) << depth;
    h.give({lend(chain.back())});
    EXPECT_EQ(h.conductor().running(), 0U);
  }
  while (!chain.empty()) {
    h.give({take_back(chain.back())});
    ASSERT_EQ(granted.back(), chain.back());
    h.run_body(chain.back());
    chain.pop_back();
  }
}

TEST_F(Lending, AThousandParentsLeaveRoomForTheirChildren) {
  Harness wide{{.concurrency = 1'000, .workers = 8}};
  wide.begin();
  wide.define("parent", parent);
  wide.define("child", child);
  wide.create_many("parent", 1'000);
  std::vector<Key> lent;
  for (int rounds = 0; lent.size() < 1'000 && rounds < 1'000; ++rounds) {
    std::vector<engine::Input> inputs;
    for (const engine::RunBody& held : wide.bodies()) {
      if (std::ranges::find(lent, held.key) != lent.end()) continue;
      lent.push_back(held.key);
      inputs.push_back(engine::Lend{held.key, held.residency, held.started_seq, 1});
    }
    wide.give(std::move(inputs));
  }
  ASSERT_EQ(lent.size(), 1'000U) << "a body that waits needs no place among those in flight";
  EXPECT_EQ(wide.conductor().running(), 0U);
  const std::vector<Key> children = wide.create_many("child", 1'000);
  for (const Key key : children) wide.run_body(key);
  EXPECT_EQ(wide.status(children.back()), Status::complete);
  wide.expect_at_rest();
}

TEST_F(Lending, WorksWithinTheLimitOfAWorkflow) {
  Harness narrow{{.concurrency = 10}};
  narrow.begin();
  narrow.define("self", parent, {.adopts = {}, .concurrency = 1});
  const Key outer = narrow.create("self");
  const Key inner = narrow.create("self");
  const engine::RunBody& held = narrow.bodies().front();
  const engine::Lend lend{held.key, held.residency, held.started_seq, 1};
  EXPECT_EQ(narrow.status(inner), Status::queued);
  narrow.give({lend});
  EXPECT_EQ(narrow.status(inner), Status::running);
  bool back = false;
  narrow.give({engine::TakeBack{lend.key, lend.residency, lend.started_seq, 1, false,
                                std::make_shared<engine::Grant>([&] { back = true; })}});
  EXPECT_FALSE(back);
  narrow.run_body(inner);
  EXPECT_TRUE(back);
  narrow.run_body(outer);
  narrow.expect_at_rest();
}

TEST_F(Lending, EndsAboveTheLimitForABodyThatIsToEnd) {
  const Key parent = h.create("parent");
  const std::vector<Key> children = h.create_many("child", 2);
  h.give({lend(parent)});
  h.give({take_back(parent, true)});
  EXPECT_EQ(granted, std::vector{parent});
  EXPECT_EQ(h.conductor().running(), 2U);
  h.run_body(children[0]);
  EXPECT_EQ(h.status(children[1]), Status::queued) << "the limit counts again";
  h.run_body(parent);
  EXPECT_EQ(h.status(children[1]), Status::running);
  h.run_bodies();
}

TEST_F(Lending, EndsAtOnceForABodyThatIsAskedToStopWhileItWantsItsSlotBack) {
  const Key timed_out = h.create("parent");
  const Key child = h.create("child");
  h.give({lend(timed_out)});
  h.give({take_back(timed_out)});
  h.move(1h);
  EXPECT_TRUE(body(timed_out).stop.stop_requested());
  EXPECT_EQ(granted, std::vector{timed_out});
  h.run_body(timed_out);
  h.run_body(child);
  h.finish();

  granted.clear();
  const Key terminated = h.create("parent");
  const Key other = h.create("child");
  h.give({lend(terminated)});
  h.give({take_back(terminated)});
  h.terminate(terminated);
  EXPECT_EQ(granted, std::vector{terminated});
  h.run_body(terminated);
  h.run_body(other);
}

TEST_F(Lending, EndsWithAHalt) {
  const Key parent = h.create("parent");
  const Key child = h.create("child");
  h.give({lend(parent)});
  h.give({take_back(parent)});
  h.give({engine::Halt{}});
  EXPECT_EQ(granted, std::vector{parent});
  h.run_body(parent);
  h.run_body(child);
}

TEST_F(Lending, IsOverWhenABodyReturnsWithoutWaiting) {
  const Key parent = h.create("parent");
  const Key child = h.create("child");
  h.give({lend(parent)});
  ASSERT_EQ(h.status(child), Status::running);
  const engine::TakeBack late = take_back(parent);
  h.run_body(parent);
  EXPECT_EQ(h.status(parent), Status::complete);
  h.give({late});
  EXPECT_EQ(h.conductor().running(), 1U);
  h.run_bodies();
}

TEST_F(Lending, DoesNotMindATakeBackThatComesBeforeItsLend) {
  const Key parent = h.create("parent");
  const Key child = h.create("child");
  h.give({take_back(parent)});
  EXPECT_EQ(granted, std::vector{parent});
  h.give({lend(parent)});
  EXPECT_EQ(h.status(child), Status::queued) << "it waits no more";
  h.give({lend(parent, 2)});
  EXPECT_EQ(h.status(child), Status::running);
  h.run_body(child);
  h.give({take_back(parent, false, 2)});
  h.run_bodies();
}

// Such as for lack of memory to tell of it.
TEST_F(Lending, GoesOnWithTheNextWaitOfABodyWhenTheBeginningOfOneIsLost) {
  const Key parent = h.create("parent");
  const Key child = h.create("child");
  h.give({take_back(parent)});
  EXPECT_EQ(granted, std::vector{parent});
  h.give({lend(parent, 2)});
  EXPECT_EQ(h.status(child), Status::running);
  h.run_body(child);
  h.give({take_back(parent, false, 2)});
  h.run_body(parent);
}

TEST_F(Lending, CountsTheWaitsOfABodyThatWaitsForSeveral) {
  const Key parent = h.create("parent");
  const Key child = h.create("child");
  h.give({lend(parent), lend(parent, 2)});
  h.give({take_back(parent)});
  EXPECT_EQ(granted.size(), 1U);
  EXPECT_EQ(h.status(child), Status::running);
  h.give({take_back(parent, false, 2)});
  EXPECT_EQ(granted.size(), 1U);
  h.run_body(child);
  EXPECT_EQ(granted.size(), 2U);
  h.run_bodies();
}

TEST_F(Lending, LetsWhatIsDueMeanwhileWaitForTheSlot) {
  h.define("both", [](Context& ctx) -> Task<int> {
    const auto sleeper = [](Context& inner) -> Task<int> {
      co_await inner.sleep("nap", 10s);
      int value = co_await inner.step("after", [] { return 2; });
      co_return value;
    };
    auto [a, b] = co_await all(ctx.step("a", [] { return 1; }), sleeper(ctx));
    co_return a + b;
  });
  const Key both = h.create("both");
  const Key child = h.create("child");
  h.give({lend(both)});
  ASSERT_EQ(h.status(child), Status::running);
  h.move(10s);
  EXPECT_FALSE(h.step(both, "nap-1").ended_seq) << "the child has the slot";
  EXPECT_FALSE(h.conductor().next_time() && *h.conductor().next_time() <= h.now());
  h.run_body(child);
  EXPECT_TRUE(h.step(both, "nap-1").ended_seq);
  h.run_body("after-1");
  h.give({take_back(both)});
  h.run_body("a-1");
  EXPECT_EQ(h.output(both), "3");
}

TEST_F(Lending, OutlivesAPauseOfTheParent) {
  const Key parent = h.create("parent");
  const Key child = h.create("child");
  h.give({lend(parent)});
  h.pause(parent);
  EXPECT_EQ(h.status(parent), Status::waiting_for_pause);
  h.run_body(child);
  h.give({take_back(parent)});
  EXPECT_EQ(granted, std::vector{parent});
  h.run_body(parent);
  EXPECT_EQ(h.status(parent), Status::paused);
  h.resume(parent);
}

TEST_F(Lending, LetsThoseWhoAreWaitedForGoFirst) {
  const Key parent = h.create("parent");
  const std::vector<Key> others = h.create_many("child", 5);
  h.give({engine::Watch{.key = others[3],
                        .callback = [](const std::exception_ptr&, const detail::Ended&) {},
                        .by_body = true}});
  h.give({lend(parent)});
  EXPECT_TRUE(holds_body(others[3]));
  EXPECT_EQ(h.status(others[0]), Status::queued);
  h.run_body(others[3]);
  h.give({take_back(parent)});
  h.run_bodies();
}

}  // namespace
}  // namespace cairn::testing
