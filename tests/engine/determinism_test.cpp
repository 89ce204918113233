#include "tests/engine/harness.hpp"

#include <gmock/gmock.h>

namespace cairn::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Determinism : public ConductorTest {
 protected:
  // An instance that has done "a" and sleeps in "nap".
  Key create_sleeping() {
    h.define("w", original);
    const Key key = h.create("w", "it");
    h.run_body();
    EXPECT_EQ(h.status(key), Status::waiting);
    return key;
  }

  // The process ends, and begins with other code of the same version.
  template <class Function>
  void replace(Function function) {
    h.define("w", function);
    h.crash();
    h.move(1h);
  }

  void expect_parked(Key key, const std::string& found, const std::string& expected) {
    EXPECT_EQ(h.status(key), Status::paused);
    EXPECT_EQ(h.error(key).name, "NonDeterminism");
    EXPECT_THAT(h.error(key).message, AllOf(HasSubstr(found), HasSubstr(expected)));
    EXPECT_EQ(h.journal().size(), 1U) << "no body ran";
    EXPECT_TRUE(h.bodies().empty());
    EXPECT_EQ(h.conductor().residents(), 0U);
    EXPECT_EQ(h.conductor().running(), 0U);
  }

  static Task<int> original(Context& ctx) {
    int a = co_await ctx.step("a", [] { return 1; });
    co_await ctx.sleep("nap", 1h);
    int b = co_await ctx.step("b", [] { return 2; });
    co_return a + b;
  }
};

Task<int> renamed(Context& ctx) {
  int a = co_await ctx.step("renamed", [] { return 1; });
  co_await ctx.sleep("nap", 1h);
  co_return a;
}

TEST_F(Determinism, ParksARenamedStepBeforeItsBodyRuns) {
  const Key key = create_sleeping();
  replace(renamed);
  expect_parked(key, R"("renamed-1")", R"(step "a-1")");
}

TEST_F(Determinism, ParksAnInsertedStep) {
  const Key key = create_sleeping();
  replace([](Context& ctx) -> Task<int> {
    co_await ctx.step("inserted", [] {});
    co_return co_await original(ctx);
  });
  expect_parked(key, R"("inserted-1")", R"(step "a-1")");
}

TEST_F(Determinism, ParksARemovedStep) {
  const Key key = create_sleeping();
  replace([](Context& ctx) -> Task<int> {
    co_await ctx.sleep("nap", 1h);
    co_return 1;
  });
  expect_parked(key, "waits", R"(step "a-1")");
}

TEST_F(Determinism, ParksAnEarlyEnd) {
  const Key key = create_sleeping();
  replace([](Context& ctx) -> Task<int> { co_return co_await ctx.step("a", [] { return 1; }); });
  expect_parked(key, "ended", R"(sleep "nap-1")");
}

TEST_F(Determinism, ParksAStepOfAnotherKind) {
  const Key key = create_sleeping();
  replace([](Context& ctx) -> Task<int> {
    co_await ctx.step("a", [] { return 1; });
    co_await ctx.wait_for_event("nap", {.type = "go"});
    co_return 1;
  });
  expect_parked(key, R"("nap-1")", R"(sleep "nap-1")");
}

TEST_F(Determinism, ParksStepsInAnotherOrder) {
  h.define("w", [](Context& ctx) -> Task<int> {
    co_await ctx.step("a", [] {});
    co_await ctx.step("b", [] {});
    co_await ctx.sleep("nap", 1h);
    co_return 1;
  });
  const Key key = h.create("w");
  h.run_bodies();
  replace([](Context& ctx) -> Task<int> {
    co_await ctx.step("b", [] {});
    co_await ctx.step("a", [] {});
    co_await ctx.sleep("nap", 1h);
    co_return 1;
  });
  EXPECT_EQ(h.status(key), Status::paused);
  EXPECT_EQ(h.error(key).name, "NonDeterminism");
}

TEST_F(Determinism, ParksOnceWhenASleepIsDueAtTheSameTime) {
  const Key key = create_sleeping();
  h.define("w", [](Context& ctx) -> Task<int> {
    auto [nap, step] = co_await all(ctx.sleep("nap", 1h), ctx.step("new", [] { return 1; }));
    co_return step;
  });
  h.crash_before_begin();
  h.pass(2h);
  const std::size_t before = h.groups();
  h.begin();
  expect_parked(key, R"("new-1")", R"(step "a-1")");
  EXPECT_EQ(h.groups() - before, 1U);
  EXPECT_EQ(h.store().groups().back().size(), 1U);
}

TEST_F(Determinism, ParksWhenAnEventComesInTheSameGroup) {
  h.define("w", [](Context& ctx) -> Task<int> {
    co_await ctx.step("a", [] {});
    co_await ctx.wait_for_event("wait", {.type = "go"});
    co_return 1;
  });
  const Key key = h.create("w");
  h.run_body();
  h.define("w", [](Context& ctx) -> Task<int> {
    auto [event, step] = co_await all(ctx.wait_for_event("wait", {.type = "go"}),
                                      ctx.step("b", [] { return 1; }));
    co_return step;
  });
  h.crash();
  h.give({Harness::event_input(key, "go"), Harness::event_input(key, "go")});
  expect_parked(key, R"("b-1")", R"(step "a-1")");
}

TEST_F(Determinism, IsLoggedWhenItIsMissed) {
  create_sleeping();
  replace(renamed);
  ASSERT_EQ(h.log().size(), 1U);
  EXPECT_THAT(h.log().front(), AllOf(HasSubstr(R"(parked "it" of workflow "w": NonDeterminism: )"),
                                     HasSubstr(R"("renamed-1")")));
}

TEST_F(Determinism, GoesOnOnceTheRightCodeIsThere) {
  const Key key = create_sleeping();
  replace(renamed);
  ASSERT_EQ(h.status(key), Status::paused);
  h.define("w", original);
  h.resume(key);
  EXPECT_EQ(h.error(key).name, "") << "the error of the park is gone";
  h.finish();
  EXPECT_EQ(h.output(key), "3");
  EXPECT_EQ(h.ran("it/a-1#1"), 1U);
}

TEST_F(Determinism, ParksAgainWhileTheCodeIsWrong) {
  const Key key = create_sleeping();
  replace(renamed);
  h.resume(key);
  expect_parked(key, R"("renamed-1")", R"(step "a-1")");
}

TEST_F(Determinism, AllowsWhatComesAfterTheRecord) {
  const Key key = create_sleeping();
  replace([](Context& ctx) -> Task<int> {
    int a = co_await ctx.step("a", [] { return 1; });
    co_await ctx.sleep("nap", 1h);
    int other = co_await ctx.step("something else", [] { return 10; });
    co_return a + other;
  });
  h.run_bodies();
  EXPECT_EQ(h.output(key), "11");
}

TEST_F(Determinism, ARestartTakesTheCodeAsItIs) {
  const Key key = create_sleeping();
  replace(renamed);
  h.restart(key);
  h.finish();
  EXPECT_EQ(h.output(key), "1");
}

TEST_F(Determinism, AdoptedInstancesMayGetStepsInserted) {
  const Key key = create_sleeping();
  h.define("w",
           [](Context& ctx) -> Task<int> {
             int inserted = co_await ctx.step("inserted", [] { return 100; });
             int rest = co_await original(ctx);
             co_return inserted + rest;
           },
           {.version = "2", .adopts = {"1"}});
  EXPECT_EQ(h.status(key), Status::waiting) << "version 1 is still defined: it keeps its own";
  h.finish();
  EXPECT_EQ(h.output(key), "3");
}

TEST_F(Determinism, AdoptionTakesOverWhatNoOtherCodeIsFor) {
  Harness one;
  one.begin();
  one.define("w", original);
  const Key key = one.create("w", "it");
  one.run_body();
  one.forget("w");
  one.define("w",
             [](Context& ctx) -> Task<int> {
               int inserted = co_await ctx.step("inserted", [] { return 100; });
               int a = co_await ctx.step("a", [] { return 5; });
               int b = co_await ctx.step("b", [] { return 2; });
               co_return inserted + a + b;
             },
             {.version = "2", .adopts = {"1"}});
  one.crash();
  one.move(1h);
  one.finish();
  EXPECT_EQ(one.output(key), "103") << "\"a\" is as recorded, and \"nap\" is left out";
  EXPECT_EQ(one.ran("it/a-1#1"), 1U);
  one.expect_at_rest();
}

TEST_F(Determinism, LeavesInstancesOfOtherVersionsAlone) {
  Harness one;
  one.begin();
  one.define("w", original);
  const Key key = one.create("w");
  one.run_body();
  one.forget("w");
  one.define("w", renamed, {.version = "2", .adopts = {}});
  one.crash();
  one.move(5h);
  EXPECT_EQ(one.status(key), Status::waiting);
  EXPECT_EQ(one.conductor().residents(), 0U);
  one.define("w", original);
  one.run_bodies();
  EXPECT_EQ(one.output(key), "3") << "it goes on when its version is defined";
  one.expect_at_rest();
}

}  // namespace
}  // namespace cairn::testing
