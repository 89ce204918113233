#include "tests/engine/engine_fixture.hpp"

#include <tuple>

// What `Engine` takes as options, and what `define` takes as a workflow.
namespace cairn::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Task<std::string> own_id(Context& ctx) {
  co_return ctx.instance_id();
}

struct Scale {
  int factor;
  Task<int> operator()(Context& ctx, int n) const {
    int scaled = co_await ctx.step("scale", [&] { return factor * n; });
    co_return scaled;
  }
};

class DefineTest : public EngineTest {};

TEST_F(DefineTest, AFunctionWithInputRuns) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("twice", twice);
  engine.start();
  EXPECT_EQ(workflow.create({.params = 21}).wait(), 42);
}

TEST_F(DefineTest, AFunctionWithoutInputRuns) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("own-id", own_id);
  engine.start();
  EXPECT_EQ(workflow.create({.id = "me"}).wait(), "me");
}

TEST_F(DefineTest, AFunctionWithoutOutputRuns) {
  Engine engine{open_memory(), options()};
  int seen = 0;
  auto workflow = engine.define("see", [&seen](Context& ctx, int n) -> Task<void> {
    co_await ctx.step("see", [&seen, n] { seen = n; });
  });
  engine.start();
  workflow.create({.params = 7}).wait();
  EXPECT_EQ(seen, 7);
}

TEST_F(DefineTest, ALambdaWithCapturesIsKept) {
  Engine engine{open_memory(), options()};
  auto workflow = [&] {
    const std::string greeting(1'000, 'a');  // on the heap, so that a lost copy shows
    return engine.define("greet", [greeting](Context& ctx, std::string name) -> Task<std::string> {
      std::string text = co_await ctx.step("greet", [&] { return greeting + name; });
      co_return text + std::to_string(greeting.size());
    });
  }();
  engine.start();
  EXPECT_EQ(workflow.create({.params = "b"}).wait(), std::string(1'000, 'a') + "b1000");
}

TEST_F(DefineTest, ACallableObjectIsKept) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("scale", Scale{.factor = 5});
  engine.start();
  EXPECT_EQ(workflow.create({.params = 5}).wait(), 25);
}

TEST_F(DefineTest, TheSameVersionTwiceIsAConflict) {
  Engine engine{open_memory(), options()};
  auto first = engine.define("twice", twice);
  const auto [code, message] = refusal([&] { engine.define("twice", own_id); });
  EXPECT_EQ(code, Errc::workflow_conflict);
  EXPECT_THAT(message, HasSubstr("\"twice\""));
  EXPECT_THAT(message, HasSubstr("\"1\""));
  auto second = engine.define("twice", twice, {.version = "2"});
  EXPECT_EQ(first.workflow_id(), second.workflow_id());
  EXPECT_NE(first.version_id(), second.version_id());
}

TEST_F(DefineTest, BadNamesChangeNothing) {
  Engine engine{open_memory(), options()};
  for (const std::string& name :
       {std::string{}, std::string{"-a"}, std::string{"a b"}, std::string(65, 'a')}) {
    const auto [code, message] = refusal([&] { engine.define(name, twice); });
    EXPECT_EQ(code, Errc::invalid_argument) << name;
    EXPECT_THAT(message, StartsWith("workflow name")) << name;
  }
  EXPECT_TRUE(engine.workflows().empty());
}

TEST_F(DefineTest, BadOptionsNameTheirField) {
  Engine engine{open_memory(), options()};
  const std::vector<std::pair<WorkflowOptions, std::string>> cases{
      {{.version = ""}, "WorkflowOptions.version"},
      {{.version = std::string(101, 'a')}, "WorkflowOptions.version"},
      {{.version = "\xc3\xa9"}, "WorkflowOptions.version"},
      {{.adopts = {"0", ""}}, "WorkflowOptions.adopts"},
      {{.default_retention = {.success = 0ms}}, "WorkflowOptions.default_retention.success_retention"},
      {{.default_retention = {.error = duration_max + 1ms}},
       "WorkflowOptions.default_retention.error_retention"},
  };
  for (const auto& [bad, field] : cases) {
    const auto [code, message] = refusal([&, options = bad] { engine.define("twice", twice, options); });
    EXPECT_EQ(code, Errc::invalid_argument) << field;
    EXPECT_THAT(message, StartsWith(field));
  }
  EXPECT_TRUE(engine.workflows().empty());
}

TEST_F(DefineTest, EngineOptionsOutOfRangeNameTheirField) {
  using Spoil = void (*)(EngineOptions&);
  const std::vector<std::pair<Spoil, std::string>> cases{
      {[](EngineOptions& o) { o.workers = 0; }, "EngineOptions.workers"},
      {[](EngineOptions& o) { o.workers = 4'097; }, "EngineOptions.workers"},
      {[](EngineOptions& o) { o.sweep_interval = -1ms; }, "EngineOptions.sweep_interval"},
      {[](EngineOptions& o) { o.sweep_interval = duration_max + 1ms; }, "EngineOptions.sweep_interval"},
      {[](EngineOptions& o) { o.concurrency = 0; }, "EngineOptions.concurrency"},
      {[](EngineOptions& o) { o.longest_rest = -1ms; }, "EngineOptions.longest_rest"},
      {[](EngineOptions& o) { o.longest_rest = duration_max + 1ms; }, "EngineOptions.longest_rest"},
      {[](EngineOptions& o) { o.evict_after = -1ms; }, "EngineOptions.evict_after"},
      {[](EngineOptions& o) { o.limits.steps = 1'000'001; }, "EngineOptions.limits.steps"},
      {[](EngineOptions& o) { o.limits.operations = 0; }, "EngineOptions.limits.operations"},
      {[](EngineOptions& o) { o.limits.operations = 8'000'001; }, "EngineOptions.limits.operations"},
      {[](EngineOptions& o) { o.limits.json_depth = 0; }, "EngineOptions.limits.json_depth"},
      {[](EngineOptions& o) { o.limits.json_depth = 65; }, "EngineOptions.limits.json_depth"},
      {[](EngineOptions& o) { o.default_retention.error = 0ms; },
       "EngineOptions.default_retention.error_retention"},
  };
  for (const auto& [spoil, field] : cases) {
    EngineOptions bad = options();
    spoil(bad);
    const auto [code, message] = refusal([&] { const Engine engine{open_memory(), bad}; });
    EXPECT_EQ(code, Errc::invalid_argument) << field;
    EXPECT_THAT(message, StartsWith(field));
  }
}

TEST_F(DefineTest, AnEngineWithoutAStoreIsRefused) {
  const auto [code, message] = refusal([&] { const Engine engine{nullptr, options()}; });
  EXPECT_EQ(code, Errc::invalid_argument);
  EXPECT_THAT(message, StartsWith("store"));
}

TEST_F(DefineTest, EachInstanceRunsTheVersionThatCreatedIt) {
  Engine engine{open_memory(), options()};
  auto first = engine.define("number", Scale{.factor = 1}, {.version = "one"});
  auto second = engine.define("number", Scale{.factor = 2}, {.version = "two"});
  engine.start();
  EXPECT_EQ(first.create({.id = "a", .params = 10}).wait(), 10);
  EXPECT_EQ(second.create({.id = "b", .params = 10}).wait(), 20);
  EXPECT_EQ(first.get("a").describe().version, "one");
  EXPECT_EQ(first.get("b").describe().version, "two");  // one workflow, whichever handle is asked
}

TEST_F(DefineTest, TheLatestDefinitionCountsForLookUpAndRestart) {
  Engine engine{open_memory(), options()};
  auto first = engine.define("number", Scale{.factor = 1}, {.version = "one"});
  engine.start();
  auto instance = first.create({.params = 10});
  EXPECT_EQ(instance.wait(), 10);
  auto second = engine.define("number", Scale{.factor = 2}, {.version = "two"});
  EXPECT_EQ(engine.workflow("number").version_id(), second.version_id());
  ASSERT_EQ(engine.workflows().size(), 1U);
  EXPECT_EQ(engine.workflows()[0].version, "two");
  instance.restart();
  EXPECT_EQ(instance.wait(), 20);
  EXPECT_EQ(instance.describe().run, 2);
}

TEST_F(DefineTest, AnUnknownWorkflowIsNotFound) {
  Engine engine{open_memory(), options()};
  const auto [code, message] = refusal([&] { static_cast<void>(engine.workflow("nobody")); });
  EXPECT_EQ(code, Errc::workflow_not_found);
  EXPECT_THAT(message, HasSubstr("\"nobody\""));
}

TEST_F(DefineTest, OtherVersionsAreLeftAloneUntilSomeDefinitionAdoptsThem) {
  {
    Engine engine{open_file(), options()};
    engine.define("number", Scale{.factor = 1}, {.version = "one"}).create({.id = "old", .params = 10});
  }
  {
    Engine engine{open_file(), options()};
    auto second = engine.define("number", Scale{.factor = 2}, {.version = "two"});
    engine.start();
    EXPECT_EQ(second.create({.id = "new", .params = 10}).wait(), 20);
    EXPECT_EQ(second.get("old").status(), Status::queued);
  }
  Engine engine{open_file(), options()};
  auto third = engine.define("number", Scale{.factor = 3}, {.version = "three", .adopts = {"none", "one"}});
  engine.start();
  EXPECT_EQ(third.get("old").wait(), 30);
}

TEST_F(DefineTest, DefinedAfterStartRunsWhatWaitedForIt) {
  {
    Engine engine{open_file(), options()};
    auto twices = engine.define("twice", twice);
    auto naps = engine.define("nap", [](Context& ctx) -> Task<void> { co_await ctx.sleep("nap", 1h); });
    engine.start();
    auto sleeper = naps.create({.id = "sleeper"});
    while (sleeper.status() != Status::waiting) std::this_thread::yield();
    EXPECT_TRUE(engine.stop(1min));
  }
  Engine engine{open_file(), options()};
  clock->advance(2h);
  engine.start();
  auto twices = engine.define("twice", twice);
  twices.create({.id = "before", .params = 1}).wait();
  auto naps = engine.define("nap", [](Context& ctx) -> Task<void> { co_await ctx.sleep("nap", 1h); });
  naps.get("sleeper").wait();
}

}  // namespace
}  // namespace cairn::tests
