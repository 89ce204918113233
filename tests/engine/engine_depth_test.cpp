#include "tests/engine/engine_fixture.hpp"

#include <boost/asio/use_future.hpp>

#include <cstddef>
#include <string>
#include <utility>

// What is accepted arrives, however deep it is nested: it is recorded with something around it, and workflows
// put more around it.
namespace cairn::tests {

struct Wrapped {
  json inner;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Wrapped, inner)

namespace {

using ::testing::HasSubstr;

json nested(std::size_t depth) {
  json value = json::array();
  for (std::size_t i = 1; i < depth; ++i) {
    json outer = json::array();
    outer.push_back(std::move(value));
    value = std::move(outer);
  }
  return value;
}

Task<Event> give_event(Context& ctx) {
  Event event = co_await ctx.wait_for_event("go", {.type = "go"});
  Event again = co_await ctx.step("pass on", [&] { return event; });
  co_return again;
}

Task<Wrapped> wrap(Context& ctx, json params) {
  Wrapped once = co_await ctx.step("wrap", [&] { return Wrapped{params}; });
  Wrapped twice{json{{"inner", once.inner}}};
  co_return twice;
}

class DepthTest : public EngineTest, public ::testing::WithParamInterface<bool> {
 protected:
  std::unique_ptr<Store> open() { return GetParam() ? open_file() : open_memory(); }

  const std::size_t most = Limits{}.json_depth;
};

TEST_P(DepthTest, OfAPayloadAtTheLimitArrivesInStepsOutputsAndAnswers) {
  Engine engine{open(), options()};
  auto workflow = engine.define("event", give_event);
  engine.start();
  auto waited = workflow.create({});
  auto called_back = workflow.create({});
  waited.send_event("go", nested(most));
  called_back.async_send_event("go", nested(most), boost::asio::use_future).get();
  EXPECT_EQ(waited.wait().payload, nested(most));
  EXPECT_EQ(called_back.async_wait(boost::asio::use_future).get().payload, nested(most));
  const InstanceDetail detail = waited.describe();
  EXPECT_EQ(detail.output->at("payload"), nested(most));
  EXPECT_EQ(detail.steps.at(1).output->at("payload"), nested(most));
  EXPECT_THAT(waited.describe_text().output->text(), HasSubstr(encode(nested(most))));
}

TEST_P(DepthTest, OfParamsAtTheLimitArrivesInStepsOutputsAndAnswers) {
  Engine engine{open(), options()};
  auto workflow = engine.define("wrap", wrap);
  engine.start();
  workflow.create({.id = "one", .params = nested(most)});
  workflow.create_text({.id = "text", .params = JsonText{nested(most)}});
  workflow.create_batch({{.id = "many", .params = nested(most)}});
  for (const char* id : {"one", "text", "many"}) {
    EXPECT_EQ(workflow.get(id).wait().inner.at("inner"), nested(most)) << id;
    EXPECT_EQ(workflow.get(id).describe().output->at("inner").at("inner"), nested(most)) << id;
  }
}

TEST_P(DepthTest, BeyondTheLimitIsRefusedWhereverItComesFrom) {
  EngineOptions flat = options();
  flat.limits.json_depth = 4;
  Engine engine{open(), flat};
  auto workflow = engine.define("wrap", wrap);
  auto instance = workflow.create({.params = nested(4)});
  const std::string rule = ": must not be nested deeper than 4 levels";
  const std::string of_workflow = " (workflow \"wrap\")";
  const std::string of_event = " (event \"go\")";
  const JsonText text{json{{"a", "[[[[[["}, {"b", nested(4)}}};
  using Refusal = std::pair<Errc, std::string>;
  EXPECT_EQ(refusal([&] { workflow.create({.params = nested(5)}); }),
            (Refusal{Errc::invalid_argument, "params" + rule + of_workflow}));
  EXPECT_EQ(refusal([&] { workflow.create_text({.params = text}); }),
            (Refusal{Errc::invalid_argument, "params" + rule + of_workflow}));
  EXPECT_EQ(refusal([&] {
              workflow.create_batch({{.params = nested(4)}, {.params = nested(5)}});
            }),
            (Refusal{Errc::invalid_argument, "[1].params" + rule + of_workflow}));
  EXPECT_EQ(refusal([&] { instance.send_event("go", nested(5)); }),
            (Refusal{Errc::invalid_argument, "payload" + rule + of_event}));
  EXPECT_EQ(refusal([&] { instance.async_send_event("go", nested(5), boost::asio::use_future).get(); }),
            (Refusal{Errc::invalid_argument, "payload" + rule + of_event}));
  instance.send_event("go", json{{"a", "[[[[[[\"[[[["}, {"b", nested(3)}});
  EXPECT_EQ(workflow.list().instances.size(), 1U);
}

TEST_P(DepthTest, OfOneThingHasOneLimitHoweverDeepItIs) {
  Engine engine{open(), options()};
  auto workflow = engine.define("wrap", wrap);
  auto instance = workflow.create({});
  for (const std::size_t depth : {most + 1, json_depth_limit + 1, std::size_t{1'000}}) {
    SCOPED_TRACE(depth);
    const json deep = nested(depth);
    const std::string rule = ": must not be nested deeper than 64 levels";
    EXPECT_EQ(refusal([&] { workflow.create({.params = deep}); }).second,
              "params" + rule + " (workflow \"wrap\")");
    EXPECT_EQ(refusal([&] { instance.send_event("go", deep); }).second, "payload" + rule + " (event \"go\")");
  }
}

TEST_P(DepthTest, OfAResultHasALimitThatIsToldBeforeItIsRecorded) {
  Engine engine{open(), options()};
  auto workflow = engine.define("deep", [](Context& ctx, std::size_t depth) -> Task<json> {
    json result = co_await ctx.step("nest", {.retries = {.limit = 0}}, [&] { return nested(depth); });
    co_return result;
  });
  engine.start();
  EXPECT_EQ(workflow.create({.params = json_depth_limit}).wait(), nested(json_depth_limit));
  auto deeper = workflow.create({.params = json_depth_limit + 1});
  EXPECT_THROW(deeper.wait(), InstanceError);
  EXPECT_THAT(deeper.describe().error->message, HasSubstr("must not be nested deeper than 128 levels"));
}

INSTANTIATE_TEST_SUITE_P(Stores, DepthTest, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "File" : "Memory"; });

}  // namespace
}  // namespace cairn::tests
