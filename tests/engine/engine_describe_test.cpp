#include "tests/engine/engine_fixture.hpp"

// What is told of one instance, and of many.
namespace cairn::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class DescribeTest : public EngineTest {};

TEST_F(DescribeTest, AllThatIsRecordedOfAnInstanceIsTold) {
  Engine engine{open_memory(), options()};
  Gate gate;
  const StepOptions tries{.retries = {.limit = 2, .delay = 5s, .backoff = Backoff::constant}, .timeout = 30s};
  auto workflow = engine.define("tour",
                                [&](Context& ctx, int n) -> Task<std::string> {
                                  int sum = co_await ctx.step("add", tries, [&](StepContext& step) {
                                    if (step.attempt() == 1) {
                                      gate.pass();
                                      throw std::runtime_error{"not yet"};
                                    }
                                    return n + 1;
                                  });
                                  co_await ctx.sleep("rest", 1min);
                                  Event event = co_await ctx.wait_for_event("word",
                                                                            {.type = "word", .timeout = 1h});
                                  std::string word = event.payload;
                                  co_return word + std::to_string(sum);
                                },
                                {.version = "v7", .default_retention = {.success = 24h}});
  engine.start();
  const Time created = clock->now();
  auto instance = workflow.create({.id = "a", .params = 4});
  gate.wait_for(1);

  InstanceDetail detail = instance.describe();
  EXPECT_EQ(detail.status, Status::running);
  EXPECT_EQ(detail.id, "a");
  EXPECT_EQ(detail.workflow, "tour");
  EXPECT_EQ(detail.workflow_id, workflow.workflow_id());
  EXPECT_EQ(detail.version, "v7");
  EXPECT_EQ(detail.version_id, workflow.version_id());
  EXPECT_EQ(detail.created, created);
  EXPECT_EQ(detail.started, created);
  EXPECT_EQ(detail.ended, std::nullopt);
  EXPECT_EQ(detail.expires, std::nullopt);
  EXPECT_EQ(detail.run, 1);
  EXPECT_EQ(detail.params, 4);
  EXPECT_EQ(detail.output, std::nullopt);
  ASSERT_THAT(detail.steps, SizeIs(1));
  ASSERT_THAT(detail.steps[0].attempts, SizeIs(1));
  EXPECT_EQ(detail.steps[0].attempts[0].ended, std::nullopt);
  EXPECT_EQ(detail.steps[0].success, std::nullopt);

  instance.send_event("word", "hello ");
  instance.send_event("other", 1);
  EXPECT_EQ(instance.describe().buffered_events, 2U);
  clock->advance(1s);
  gate.open();
  while (!instance.describe().steps[0].due) std::this_thread::yield();
  detail = instance.describe();
  EXPECT_EQ(detail.steps[0].due, created + 6s);
  EXPECT_THAT(detail.steps[0].attempts, SizeIs(1));
  clock->advance(5s);
  while (instance.describe().steps.size() < 2) std::this_thread::yield();
  clock->advance(1min);
  EXPECT_EQ(instance.wait(), "hello 5");

  detail = instance.describe();
  const Time ended = created + 66s;
  EXPECT_EQ(detail.status, Status::complete);
  EXPECT_EQ(detail.ended, ended);
  EXPECT_EQ(detail.modified, ended);
  EXPECT_EQ(detail.expires, ended + 24h);
  EXPECT_EQ(detail.output, "hello 5");
  EXPECT_EQ(detail.error, std::nullopt);
  EXPECT_EQ(detail.buffered_events, 1U);
  ASSERT_THAT(detail.steps, SizeIs(3));

  const StepDetail& add = detail.steps[0];
  EXPECT_EQ(add.kind, StepKind::step);
  EXPECT_EQ(add.name, "add-1");
  EXPECT_EQ(add.started, created);
  EXPECT_EQ(add.ended, created + 6s);
  EXPECT_EQ(add.success, true);
  EXPECT_EQ(add.output, 5);
  ASSERT_THAT(add.attempts, SizeIs(2));
  EXPECT_EQ(add.attempts[0].error->message, "not yet");
  EXPECT_EQ(add.attempts[0].ended, created + 1s);
  EXPECT_EQ(add.attempts[1].started, created + 6s);
  EXPECT_EQ(add.attempts[1].error, std::nullopt);
  ASSERT_TRUE(add.config);
  EXPECT_EQ(add.config->at("retries").at("limit"), 2);
  EXPECT_EQ(add.config->at("retries").at("delay"), 5'000);
  EXPECT_EQ(add.config->at("retries").at("backoff"), "constant");
  EXPECT_EQ(add.config->at("timeout"), 30'000);

  const StepDetail& rest = detail.steps[1];
  EXPECT_EQ(rest.kind, StepKind::sleep);
  EXPECT_EQ(rest.name, "rest-1");
  EXPECT_EQ(rest.due, ended);
  EXPECT_EQ(rest.success, true);

  const StepDetail& word = detail.steps[2];
  EXPECT_EQ(word.kind, StepKind::wait_for_event);
  EXPECT_EQ(word.event_type, "word");
  ASSERT_TRUE(word.output);
  EXPECT_EQ(word.output->at("payload"), "hello ");
  EXPECT_EQ(word.output->at("type"), "word");
  EXPECT_EQ(word.output->at("timestamp"), to_iso8601(created));
}

TEST_F(DescribeTest, AFailureIsToldWithItsStep) {
  Engine engine{open_memory(), options()};
  const StepOptions once{.retries = {.limit = 0}};
  auto workflow = engine.define("fails", [once](Context& ctx) -> Task<void> {
    co_await ctx.step("fail", once, [] { throw NonRetryableError{"no", "Refused"}; });
  });
  engine.start();
  auto instance = workflow.create({});
  EXPECT_THROW(instance.wait(), InstanceError);
  const InstanceDetail detail = instance.describe();
  EXPECT_EQ(detail.status, Status::errored);
  EXPECT_EQ(detail.error, (ErrorRecord{"Refused", "no"}));
  EXPECT_EQ(detail.output, std::nullopt);
  ASSERT_THAT(detail.steps, SizeIs(1));
  EXPECT_EQ(detail.steps[0].success, false);
  EXPECT_EQ(detail.steps[0].error, (ErrorRecord{"Refused", "no"}));
  EXPECT_EQ(detail.steps[0].output, std::nullopt);
}

// ----------------------------------------------------------------------------------------------------------
// parts

class PartsTest : public DescribeTest {
 protected:
  static Task<std::string> run(Context& ctx) {
    co_await ctx.step("short", [] { return std::vector<int>{1, 2}; });
    co_await ctx.step("long", [] { return long_text; });
    Event event = co_await ctx.wait_for_event("long", {.type = "word"});
    co_return event.payload.get<std::string>() + long_text;
  }

  PartsTest() {
    engine.start();
    instance.send_event("other", long_text);
    instance.send_event("word", "now");
    instance.wait();
  }

  inline static const std::string long_text = std::string(5'000, 'x');
  Engine engine{open_memory(), options()};
  Workflow<void, std::string> workflow = engine.define("parts", run);
  Instance<std::string> instance = workflow.create({.id = "a"});
};

TEST_F(PartsTest, ALongOutputIsCutWhereAskedForAndTheInstancesOwnIsNot) {
  const InstanceDetail detail = instance.describe({.output_characters = 100});
  ASSERT_THAT(detail.steps, SizeIs(3));
  EXPECT_EQ(detail.steps[0].output, json::parse("[1,2]")) << "it is short";
  EXPECT_FALSE(detail.steps[0].output_cut);
  EXPECT_EQ(detail.steps[1].output, "\"" + long_text.substr(0, 99) + " [truncated output]");
  EXPECT_TRUE(detail.steps[1].output_cut);
  EXPECT_EQ(detail.output, "now" + long_text);
  EXPECT_EQ(instance.describe({.output_characters = 5'002}).steps[1].output, long_text);
  EXPECT_TRUE(instance.describe({.output_characters = 5'001}).steps[1].output_cut);
}

TEST_F(PartsTest, StepsAreCountedWhereTheyAreNotRead) {
  const InstanceDetail detail = instance.describe({.steps = false});
  EXPECT_THAT(detail.steps, IsEmpty());
  EXPECT_EQ(detail.step_count, 3U);
  EXPECT_EQ(detail.buffered_events, 1U);
  EXPECT_EQ(detail.output, "now" + long_text);
  EXPECT_EQ(instance.describe().step_count, 3U);
}

TEST_F(PartsTest, OneStepIsFoundByItsKindAndItsNameWithTheCounter) {
  const InstanceDetail one = instance.describe({.step = "long-1"});
  ASSERT_THAT(one.steps, SizeIs(1));
  EXPECT_EQ(one.steps[0].output, long_text);
  EXPECT_EQ(one.params, json()) << "of the instance nothing is read";
  EXPECT_EQ(one.output, std::nullopt);
  EXPECT_EQ(one.status, Status::complete);
  const InstanceDetail wait = instance.describe({.step = "long-1", .step_kind = StepKind::wait_for_event});
  ASSERT_THAT(wait.steps, SizeIs(1));
  EXPECT_EQ(wait.steps[0].event_type, "word");
  for (const char* name :
       {"long", "long-", "long-2", "long-01", "long-1 ", "long-99999999999", "-1", "-", "x-1"})
    EXPECT_THAT(instance.describe({.step = name}).steps, IsEmpty()) << name;
}

TEST_F(PartsTest, WhatTakesTooMuchMemoryIsRefused) {
  const auto [code, message] = refusal([&] { static_cast<void>(instance.describe({.bytes_max = 4'000})); });
  EXPECT_EQ(code, Errc::too_large);
  EXPECT_NO_THROW(static_cast<void>(instance.describe({.bytes_max = 20'000})));
}

TEST_F(PartsTest, TheTextIsThatOfTheTrees) {
  for (const DescribeOptions& some : {DescribeOptions{}, DescribeOptions{.output_characters = 100}}) {
    const InstanceDetail detail = instance.describe(some);
    const InstanceText text = instance.describe_text(some);
    EXPECT_EQ(json::parse(text.params.text()), detail.params);
    EXPECT_EQ(json::parse(text.output->text()), detail.output);
    ASSERT_EQ(text.steps.size(), detail.steps.size());
    for (std::size_t i = 0; i < text.steps.size(); ++i) {
      EXPECT_EQ(json::parse(text.steps[i].output->text()), detail.steps[i].output);
      EXPECT_EQ(text.steps[i].output_cut, detail.steps[i].output_cut);
      EXPECT_EQ(text.steps[i].config.has_value(), detail.steps[i].config.has_value());
      if (text.steps[i].config) {
        EXPECT_EQ(json::parse(text.steps[i].config->text()), detail.steps[i].config);
      }
      EXPECT_EQ(text.steps[i].name, detail.steps[i].name);
    }
  }
}

// ----------------------------------------------------------------------------------------------------------
// lists

class ListTest : public DescribeTest {
 protected:
  ListTest() {
    for (const char* id : {"a", "b", "c", "d", "e"}) {
      workflow.create({.id = id});
      clock->advance(1min);
    }
    other.create({.id = "elsewhere"});
  }

  static std::vector<std::string> ids(const Page& page) {
    std::vector<std::string> ids;
    for (const InstanceSummary& instance : page.instances) ids.push_back(instance.id);
    return ids;
  }

  static Task<void> nothing(Context& /*ctx*/) { co_return; }

  Engine engine{open_memory(), options()};
  Workflow<void, void> workflow = engine.define("workflow", nothing);
  Workflow<void, void> other = engine.define("other", nothing);
  Time first = clock->now();
};

TEST_F(ListTest, TheNewestComesFirstUnlessOtherwiseAsked) {
  EXPECT_THAT(ids(workflow.list()), ElementsAre("e", "d", "c", "b", "a"));
  EXPECT_THAT(ids(workflow.list({.newest_first = false})), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(ids(other.list()), ElementsAre("elsewhere"));
}

TEST_F(ListTest, PagesFollowEachOtherWithoutGapOrRepetition) {
  for (const bool newest_first : {true, false}) {
    ListFilter filter{.newest_first = newest_first, .limit = 2};
    std::vector<std::string> all;
    std::vector<std::size_t> sizes;
    do {
      const Page page = workflow.list(filter);
      sizes.push_back(page.instances.size());
      for (const std::string& id : ids(page)) all.push_back(id);
      filter.cursor = page.cursor;
      if (sizes.size() == 1) workflow.create({.id = newest_first ? "f" : "g"});
    } while (!filter.cursor.empty());
    if (newest_first) {
      EXPECT_THAT(all, ElementsAre("e", "d", "c", "b", "a"))
          << "what came later stands before the first page";
    } else {
      EXPECT_THAT(all, ElementsAre("a", "b", "c", "d", "e", "f", "g"));
    }
  }
}

TEST_F(ListTest, AFullLastPageHasNoCursor) {
  EXPECT_EQ(workflow.list({.limit = 5}).cursor, "");
  EXPECT_NE(workflow.list({.limit = 4}).cursor, "");
}

TEST_F(ListTest, FiltersNarrow) {
  workflow.get("b").pause();
  workflow.get("d").terminate();
  EXPECT_THAT(ids(workflow.list({.status = Status::paused})), ElementsAre("b"));
  EXPECT_THAT(ids(workflow.list({.status = Status::terminated})), ElementsAre("d"));
  EXPECT_THAT(ids(workflow.list({.status = Status::queued})), ElementsAre("e", "c", "a"));
  EXPECT_THAT(ids(workflow.list({.status = Status::complete})), IsEmpty());
  EXPECT_THAT(ids(workflow.list({.created_from = first + 1min, .created_to = first + 3min})),
              ElementsAre("d", "c", "b"));
  EXPECT_THAT(ids(workflow.list({.status = Status::queued, .created_from = first + 3min})), ElementsAre("e"));
  EXPECT_THAT(ids(workflow.list({.created_to = first - 1ms})), IsEmpty());
}

TEST_F(ListTest, ALineTellsTheStateOfItsInstance) {
  workflow.get("e").terminate();
  const InstanceSummary line = workflow.list({.limit = 1}).instances.at(0);
  EXPECT_EQ(line.id, "e");
  EXPECT_EQ(line.status, Status::terminated);
  EXPECT_EQ(line.workflow_id, workflow.workflow_id());
  EXPECT_EQ(line.version_id, workflow.version_id());
  EXPECT_EQ(line.created, first + 4min);
  EXPECT_EQ(line.modified, first + 5min);
  EXPECT_EQ(line.ended, first + 5min);
  EXPECT_EQ(line.started, std::nullopt);
  EXPECT_EQ(line.expires, std::nullopt);
}

TEST_F(ListTest, ABadFilterNamesItsField) {
  const std::vector<std::pair<ListFilter, std::string>> cases{
      {{.limit = 0}, "limit: "},
      {{.limit = 1'001}, "limit: "},
      {{.created_from = first + 1ms, .created_to = first}, "created_from: "},
      {{.cursor = "nonsense"}, "cursor: "},
      {{.cursor = "k"}, "cursor: "},
      {{.cursor = "k0"}, "cursor: "},
      {{.cursor = "k-1"}, "cursor: "},
      {{.cursor = "k1 "}, "cursor: "},
      {{.cursor = "k99999999999999999999"}, "cursor: "},
  };
  for (const auto& [filter, field] : cases) {
    const auto [code, message] = refusal([&, asked = filter] { static_cast<void>(workflow.list(asked)); });
    EXPECT_EQ(code, Errc::invalid_argument) << field << filter.cursor;
    EXPECT_THAT(message, StartsWith(field));
  }
}

}  // namespace
}  // namespace cairn::tests
