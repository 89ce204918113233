#include "tests/engine/harness.hpp"

#include <stdexcept>

namespace cairn::testing {
namespace {

class Parallel : public ConductorTest {};

Task<int> twice(Context& ctx, std::string name, int value) {
  int first = co_await ctx.step(name, [&] { return value; });
  int second = co_await ctx.step(name, [&] { return first + value; });
  co_return second;
}

// Both branches use the name "x" after steps of their own, so that who comes first decides who gets "x-1".
Task<std::string> branch(Context& ctx, std::string own) {
  std::string a = co_await ctx.step(own, [&] { return own; });
  std::string b = co_await ctx.step("x", [&] { return "x of " + own; });
  co_return a + "=" + b;
}

Task<std::string> same_names(Context& ctx) {
  auto left = branch(ctx, "left");
  auto right = branch(ctx, "right");
  auto [one, two] = co_await all(std::move(left), std::move(right));
  co_await ctx.sleep("nap", 1h);
  co_return one + ", " + two;
}

TEST_F(Parallel, StepsStartTogetherAndKeepTheirOrder) {
  h.define("w", [](Context& ctx) -> Task<std::string> {
    auto [a, b, c] = co_await all(ctx.step("a", [] { return 1; }), ctx.step("b", [] { return 2; }),
                                  ctx.step("c", [] {}));
    static_assert(std::is_same_v<decltype(c), std::monostate>);
    co_return std::to_string(a) + std::to_string(b);
  });
  const Key key = h.create("w");
  EXPECT_EQ(h.bodies().size(), 3U);
  h.run_body("c-1");
  h.run_body("b-1");
  EXPECT_EQ(h.status(key), Status::running);
  h.run_body("a-1");
  EXPECT_EQ(h.output(key), R"("12")");
}

TEST_F(Parallel, MapKeepsTheOrderOfItsElements) {
  h.define("w", [](Context& ctx, std::vector<int> numbers) -> Task<std::vector<int>> {
    co_return co_await ctx.map("double", numbers, [](int n) { return 2 * n; });
  });
  const Key key = h.create("w", "", "[1,2,3]");
  h.run_body("double-3");
  h.run_body("double-1");
  h.run_body("double-2");
  EXPECT_EQ(h.output(key), "[2,4,6]");
}

TEST_F(Parallel, MapOfNothingIsNothing) {
  h.define("w", [](Context& ctx, std::vector<int> numbers) -> Task<std::vector<int>> {
    co_return co_await ctx.map("double", numbers, [](int n) { return 2 * n; });
  });
  const Key key = h.create("w", "", "[]");
  EXPECT_EQ(h.output(key), "[]");
  EXPECT_EQ(h.groups(), 1U);
}

TEST_F(Parallel, TasksMayBeNested) {
  h.define("w", [](Context& ctx) -> Task<int> {
    std::vector<Task<int>> inner;
    inner.push_back(twice(ctx, "a", 1));
    inner.push_back(twice(ctx, "b", 2));
    auto pair = [](std::vector<Task<int>> tasks) -> Task<int> {
      std::vector<int> values = co_await all(std::move(tasks));
      co_return values[0] * 100 + values[1];
    };
    auto [left, right] = co_await all(pair(std::move(inner)), twice(ctx, "c", 3));
    co_return left * 100 + right;
  });
  const Key key = h.create("w");
  EXPECT_EQ(h.bodies().size(), 3U);
  h.run_bodies();
  EXPECT_EQ(h.output(key), "20406");
}

TEST_F(Parallel, AFailureWaitsForTheOthers) {
  h.define("w", [](Context& ctx) -> Task<std::string> {
    std::string caught;
    try {
      co_await all(ctx.step("good", [] { return 1; }),
                   ctx.step("bad", [] { throw NonRetryableError("bad"); }),
                   ctx.step("worse", [] { throw NonRetryableError("worse"); }));
    } catch (const StepError& error) {
      caught = error.what();
    }
    co_return caught;
  });
  const Key key = h.create("w");
  h.run_body("worse-1");
  EXPECT_EQ(h.status(key), Status::running);
  h.run_body("bad-1");
  EXPECT_EQ(h.status(key), Status::running) << "a body still runs, and may use what the frame holds";
  h.run_body("good-1");
  EXPECT_EQ(h.output(key), R"("worse")") << "the first that failed wins";
}

TEST_F(Parallel, OneBranchRetriesWhileAnotherGoesOn) {
  h.define("w", [](Context& ctx) -> Task<int> {
    auto flaky = ctx.step("flaky", {.retries = {.delay = 1h}}, [](StepContext& step) {
      if (step.attempt() == 1) throw std::runtime_error("once");
      return 5;
    });
    auto [a, b] = co_await all(std::move(flaky), twice(ctx, "b", 1));
    co_return a + b;
  });
  const Key key = h.create("w");
  h.run_body("flaky-1");
  h.run_body("b-1");
  EXPECT_EQ(h.status(key), Status::running);
  h.run_body("b-2");
  EXPECT_EQ(h.status(key), Status::waiting);
  EXPECT_EQ(h.conductor().running(), 0U);
  h.finish();
  EXPECT_EQ(h.output(key), "7");
}

TEST_F(Parallel, BranchesThatShareANameGetTheirOwnValuesAgain) {
  for (const bool left_first : {true, false}) {
    for (const bool x_in_order : {true, false}) {
      Harness one;
      one.begin();
      one.define("w", same_names);
      const Key key = one.create("w");
      one.run_body(left_first ? "left-1" : "right-1");
      one.run_body(left_first ? "right-1" : "left-1");
      one.run_body(x_in_order ? "x-1" : "x-2");
      one.run_body(x_in_order ? "x-2" : "x-1");
      EXPECT_EQ(one.step(key, "x-1").output, left_first ? R"("x of left")" : R"("x of right")");
      one.crash();
      one.finish();
      EXPECT_EQ(one.output(key), R"("left=x of left, right=x of right")");
      EXPECT_EQ(one.journal().size(), 4U);
      one.expect_at_rest();
    }
  }
}

// Pauses and crashes anywhere leave the values with their branches, whatever order the bodies return in.
TEST_F(Parallel, BranchesThatShareANameSurviveAPauseAnywhere) {
  for (int order = 0; order < 16; ++order) {
    for (int pause_at = 0; pause_at < 4; ++pause_at) {
      SCOPED_TRACE(std::to_string(order) + " " + std::to_string(pause_at));
      Harness one;
      one.begin();
      one.define("w", same_names);
      const Key key = one.create("w");
      for (int round = 0; one.status(key) == Status::running; ++round) {
        if (round == pause_at) {
          one.pause(key);
          while (one.bodies().size() > 1 && (order & 1) != 0) one.run_body();
        }
        const bool last = (order >> (round % 4) & 1) != 0;
        while (one.status(key) == Status::waiting_for_pause) {
          one.run_body(last ? std::string{one.bodies().back().step()} : one.bodies().front().step());
        }
        if (one.status(key) == Status::paused) {
          one.resume(key);
        } else if (!one.bodies().empty()) {
          one.run_body(last ? std::string{one.bodies().back().step()} : one.bodies().front().step());
        }
      }
      one.crash();
      one.finish();
      EXPECT_EQ(one.output(key), R"("left=x of left, right=x of right")");
      one.expect_at_rest();
    }
  }
}

TEST_F(Parallel, TimersAndBodiesThatShareNamesReplayInTheRecordedOrder) {
  h.define("w", [](Context& ctx) -> Task<std::string> {
    auto slow = [](Context& context) -> Task<std::string> {
      co_await context.sleep("nap", 10s);
      co_return co_await context.step("x", [] { return std::string{"slow"}; });
    };
    auto quick = [](Context& context) -> Task<std::string> {
      co_await context.step("own", [] {});
      co_return co_await context.step("x", [] { return std::string{"quick"}; });
    };
    auto [one, two] = co_await all(slow(ctx), quick(ctx));
    co_await ctx.wait_for_event("end", {.type = "end"});
    co_return one + " " + two;
  });
  const Key key = h.create("w");
  h.move(10s);
  h.run_body("own-1");
  EXPECT_EQ(h.bodies().size(), 2U);
  h.run_body("x-2");
  h.run_body("x-1");
  EXPECT_EQ(h.step(key, "x-1").output, R"("slow")");
  h.crash();
  h.send(key, "end");
  EXPECT_EQ(h.output(key), R"("slow quick")");
}

TEST_F(Parallel, AThousandBranchesMakeNoThousandGroups) {
  Harness wide{{.workers = 1'000}};
  wide.begin();
  wide.define("w", [](Context& ctx, std::vector<int> numbers) -> Task<int> {
    std::vector<int> all_of = co_await ctx.map("n", numbers, [](int n) { return n; });
    int sum = 0;
    for (int n : all_of) sum += n;
    co_return sum;
  });
  std::string numbers = "[1";
  for (int i = 1; i < 1'000; ++i) numbers += ",1";
  const Key key = wide.create("w", "", numbers + "]");
  std::vector<engine::Input> results;
  while (!wide.bodies().empty()) results.push_back(wide.take_result());
  wide.give(std::move(results));
  EXPECT_EQ(wide.output(key), "1000");
  EXPECT_LE(wide.groups(), 5U);
}

}  // namespace
}  // namespace cairn::testing
