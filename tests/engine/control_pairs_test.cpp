#include "tests/engine/harness.hpp"

#include <gmock/gmock.h>

namespace cairn::testing {
namespace {

// All pairs {result, timer, event} × {pause, terminate, restart}, in both orders, in one group and in two; a
// result also while the group of the other one is written.

enum class News { result, timer, event };
enum class Order { news_first, control_first };

constexpr News all_news[] = {News::result, News::timer, News::event};

Task<int> after_news(Context& ctx, int news) {
  if (news == static_cast<int>(News::result)) co_await ctx.step("first", [] {});
  if (news == static_cast<int>(News::timer)) co_await ctx.sleep("first", 1h);
  if (news == static_cast<int>(News::event)) co_await ctx.wait_for_event("first", {.type = "go"});
  co_return co_await ctx.step("second", {.timeout = 48h}, [] { return 2; });
}

// The same beside a body that takes long.
Task<int> after_news_and_long(Context& ctx, int news) {
  auto [second, slow] = co_await all(after_news(ctx, news),
                                     ctx.step("slow", {.timeout = 48h}, [] { return 0; }));
  co_return second + slow;
}

class Pair {
 public:
  Pair(News news, Command command, Order order, bool one_group, bool overlap, bool beside_a_body = false)
      : news_(news) {
    if (overlap) h.overlap();
    h.begin();
    h.define("w", beside_a_body ? after_news_and_long : after_news);
    key = h.create("w", "it", std::to_string(static_cast<int>(news)));
    engine::Input first = make_news();
    engine::Input second = h.control_input(key, command);
    if (order == Order::control_first) std::swap(first, second);
    std::vector<engine::Input> inputs;
    inputs.push_back(std::move(first));
    if (!one_group) h.give(std::exchange(inputs, {}));
    inputs.push_back(std::move(second));
    h.give(std::move(inputs));
  }

  // The news has reached the record of the run that the instance is in.
  [[nodiscard]] bool recorded() const {
    for (const StepRow& step : h.history(key).steps) {
      if (step.name == "first" && step.ended_seq) return true;
    }
    return false;
  }

  void resume_to_the_end() {
    h.run_bodies();
    if (h.status(key) == Status::paused) h.resume(key);
    h.run_bodies();
    if (h.status(key) == Status::waiting && news_ == News::event) h.send(key, "go");
    h.finish();
  }

  Harness h;
  Key key = 0;

 private:
  engine::Input make_news() {
    if (news_ == News::event) return Harness::event_input(key, "go");
    if (news_ == News::result) return h.take_result("first-1");
    h.pass(1h);
    return engine::Tick{};
  }

  News news_;
};

template <class Check>
void for_all(Command command, Check check) {
  for (const News news : all_news) {
    for (const Order order : {Order::news_first, Order::control_first}) {
      for (const bool one_group : {true, false}) {
        SCOPED_TRACE("news " + std::to_string(static_cast<int>(news)) + ", order " +
                     std::to_string(static_cast<int>(order)) + (one_group ? ", one group" : ", two groups"));
        Pair pair{news, command, order, one_group, false};
        check(pair, news, order, one_group);
        pair.h.expect_at_rest();
      }
      // Whichever comes first: the result is heard once the group of the other one is closed.
      if (news != News::result) continue;
      SCOPED_TRACE("a result that comes while the group is written");
      Pair pair{news, command, order, true, true};
      check(pair, news, Order::control_first, false);
      pair.h.expect_at_rest();
    }
  }
}

TEST(ControlPairs, APauseLosesNoResultNoTimerAndNoEvent) {
  for_all(Command::pause, [](Pair& pair, News news, Order, bool) {
    pair.h.run_bodies();
    EXPECT_EQ(pair.h.status(pair.key), Status::paused);
    if (news == News::result) {
      EXPECT_TRUE(pair.recorded());
    }
    pair.h.resume(pair.key);
    if (news == News::timer) pair.h.move(1h);
    pair.h.run_bodies();
    EXPECT_EQ(pair.h.status(pair.key), Status::complete);
    EXPECT_EQ(pair.h.output(pair.key), "2");
    EXPECT_LE(pair.h.ran("it/first-1#1"), 1U);
    EXPECT_EQ(pair.h.ran("it/second-1#1"), 1U);
  });
}

TEST(ControlPairs, APauseThatComesFirstLetsNothingNewBegin) {
  for_all(Command::pause, [](Pair& pair, News, Order order, bool) {
    if (order == Order::news_first) return;
    EXPECT_EQ(pair.h.status(pair.key), Status::paused);
    EXPECT_TRUE(pair.h.bodies().empty());
    EXPECT_EQ(pair.h.history(pair.key).steps.size(), 1U);
  });
}

// The pause has not come to its end, since a body runs; nor has that returned when the instance is resumed.
TEST(ControlPairs, AResumeGoesOnWithNewsThatMetThePauseThoughABodyStillRuns) {
  for (const News news : all_news) {
    for (const Order order : {Order::news_first, Order::control_first}) {
      for (const bool one_group : {true, false}) {
        for (const bool overlap : {true, false}) {
          SCOPED_TRACE("news " + std::to_string(static_cast<int>(news)) + ", order " +
                       std::to_string(static_cast<int>(order)) +
                       (one_group ? ", one group" : ", two groups"));
          Pair pair{news, Command::pause, order, one_group, overlap, true};
          EXPECT_EQ(pair.h.status(pair.key), Status::waiting_for_pause);
          pair.h.resume(pair.key);
          if (news == News::timer) pair.h.move(1h);
          EXPECT_EQ(pair.h.status(pair.key), Status::running);
          ASSERT_EQ(pair.h.bodies().size(), 2U);
          pair.h.run_body("second-1");
          pair.h.run_body("slow-1");
          EXPECT_EQ(pair.h.output(pair.key), "2");
          EXPECT_EQ(pair.h.journal().size(), news == News::result ? 3U : 2U) << "no body ran twice";
          pair.h.expect_at_rest();
        }
      }
    }
  }
}

TEST(ControlPairs, ATerminationIsFinal) {
  for_all(Command::terminate, [](Pair& pair, News, Order, bool) {
    EXPECT_EQ(pair.h.status(pair.key), Status::terminated);
    for (const engine::RunBody& body : pair.h.bodies()) EXPECT_TRUE(body.stop.stop_requested());
    pair.h.finish();
    EXPECT_EQ(pair.h.status(pair.key), Status::terminated);
    EXPECT_EQ(pair.h.conductor().residents(), 0U);
  });
}

TEST(ControlPairs, AStepThatBeganInTheGroupOfATerminationRunsNoBody) {
  for_all(Command::terminate, [](Pair& pair, News news, Order, bool one_group) {
    if (one_group && news == News::result) {
      EXPECT_TRUE(pair.h.bodies().empty());
    }
  });
}

TEST(ControlPairs, ARestartForgetsTheRunBefore) {
  for_all(Command::restart, [](Pair& pair, News, Order, bool) {
    EXPECT_EQ(pair.h.row(pair.key).run, 2);
    pair.resume_to_the_end();
    EXPECT_EQ(pair.h.row(pair.key).run, 2);
    EXPECT_EQ(pair.h.output(pair.key), "2");
    EXPECT_EQ(pair.h.history(pair.key).steps.size(), 2U);
  });
}

TEST(ControlPairs, ANewRunNeverTakesAResultOfTheOldOne) {
  Harness h;
  h.begin();
  h.define("w", [](Context& ctx) -> Task<std::string> {
    co_return co_await ctx.step("s", [](StepContext& step) { return step.idempotency_key(); });
  });
  const Key key = h.create("w");
  engine::Input late = h.take_result();
  h.restart(key);
  h.give({std::move(late)});
  h.run_bodies();
  EXPECT_THAT(h.output(key), ::testing::HasSubstr("/2/s-1"));
  h.expect_at_rest();
}

}  // namespace
}  // namespace cairn::testing
