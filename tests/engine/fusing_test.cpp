#include "tests/engine/harness.hpp"

#include <gmock/gmock.h>

namespace cairn::testing {
namespace {

Task<int> three_steps(Context& ctx) {
  int sum = 0;
  sum += co_await ctx.step("a", [] { return 1; });
  sum += co_await ctx.step("b", [] { return 2; });
  sum += co_await ctx.step("c", [] { return 3; });
  co_return sum;
}

class Fusing : public ConductorTest {};

const Advance& advance_in(const std::vector<Change>& group, std::size_t index) {
  return std::get<Advance>(group.at(index));
}

TEST_F(Fusing, MakesAThreeStepWorkflowFourGroups) {
  h.define("w", three_steps);
  const Key key = h.create("w");
  h.run_bodies();
  EXPECT_EQ(h.status(key), Status::complete);
  EXPECT_EQ(h.groups(), 4U);
}

TEST_F(Fusing, PutsTheFirstStepIntoTheGroupThatCreates) {
  h.define("w", three_steps);
  const Key key = h.create("w");
  ASSERT_EQ(h.groups(), 1U);
  const std::vector<Change>& group = h.store().groups().front();
  ASSERT_EQ(group.size(), 2U);
  EXPECT_EQ(std::get<CreateBatch>(group[0]).begun, 1U) << "created running, and not moved once more";
  EXPECT_EQ(advance_in(group, 1).key, key);
  EXPECT_FALSE(advance_in(group, 1).enter);
  ASSERT_EQ(advance_in(group, 1).starts.size(), 1U);
  EXPECT_EQ(h.bodies().size(), 1U);
}

TEST_F(Fusing, PutsAResultAndWhatItLedToIntoOneChange) {
  h.define("w", three_steps);
  h.create("w");
  h.run_body();
  const std::vector<Change>& group = h.store().groups().back();
  ASSERT_EQ(group.size(), 1U);
  EXPECT_EQ(advance_in(group, 0).results.size(), 1U);
  EXPECT_EQ(advance_in(group, 0).starts.size(), 1U);
}

TEST_F(Fusing, AsksForNoTurnThatOnlyABodyCouldFill) {
  h.define("w", three_steps);
  h.create("w");
  EXPECT_FALSE(h.turn({h.take_result()}));
  EXPECT_EQ(h.groups(), 2U);
  EXPECT_EQ(h.bodies().size(), 1U);
  EXPECT_FALSE(h.turn());
  EXPECT_EQ(h.groups(), 2U);
}

TEST_F(Fusing, AsksForATurnForWhatACommitHasWoken) {
  h.define("w", three_steps);
  const Key key = h.create("w");
  h.pause(key);
  h.run_body();
  ASSERT_EQ(h.status(key), Status::paused);
  EXPECT_TRUE(h.turn({h.control_input(key, Command::resume)}));
  EXPECT_TRUE(h.bodies().empty());
  EXPECT_FALSE(h.turn());
  EXPECT_EQ(h.bodies().size(), 1U);
}

TEST_F(Fusing, SharesAGroupAmongInstances) {
  h.define("w", three_steps);
  h.create_many("w", 10);
  ASSERT_EQ(h.bodies().size(), 10U);
  for (int step = 0; step < 3; ++step) {
    std::vector<engine::Input> results;
    while (!h.bodies().empty()) results.push_back(h.take_result());
    h.give(std::move(results));
  }
  EXPECT_EQ(h.groups(), 4U);
}

TEST_F(Fusing, StartsNoBodyBeforeItsCommit) {
  h.define("w", three_steps);
  h.store().plan(Mishap::refused);
  EXPECT_THROW(h.create("w", "order-1"), Error);
  EXPECT_TRUE(h.bodies().empty());
  EXPECT_TRUE(h.ids().empty());
}

TEST_F(Fusing, QueuesWhatFindsNoSlot) {
  h.define("w", three_steps, {.adopts = {}, .concurrency = 2});
  const std::vector<Key> keys = h.create_many("w", 5);
  EXPECT_EQ(h.bodies().size(), 2U);
  EXPECT_EQ(h.status(keys[1]), Status::running);
  EXPECT_EQ(h.status(keys[2]), Status::queued);
  h.finish();
  for (const Key key : keys) EXPECT_EQ(h.output(key), "6");
}

TEST_F(Fusing, DropsTheFramesOfAnIdThatIsTaken) {
  h.define("w", three_steps);
  const Key first = h.create("w", "order-1");
  EXPECT_EQ(h.create("w", "order-1"), first);
  EXPECT_EQ(h.bodies().size(), 1U);
  h.run_bodies();
  EXPECT_EQ(h.ids(), std::vector<std::string>{"order-1"});
  EXPECT_EQ(h.conductor().residents(), 0U);
}

TEST_F(Fusing, DropsTheFramesOfABatchThatIsRefusedAsAWhole) {
  h.define("w", three_steps);
  h.create("w", "order-1");
  engine::Input input = h.create_input("w", "order-2");
  auto& batch = std::get<CreateBatch>(std::get<engine::Intake>(input).change);
  batch.rows.push_back({.id = "order-1", .params = "{}", .retention = {}});
  batch.on_conflict = OnConflict::fail;
  h.give({std::move(input)});
  EXPECT_EQ(h.ids(), std::vector<std::string>{"order-1"});
  EXPECT_EQ(h.bodies().size(), 1U);
  h.run_bodies();
  EXPECT_EQ(h.conductor().residents(), 0U);
}

TEST_F(Fusing, BeginsWhatWasCreatedBefore) {
  Harness late;
  late.define("w", three_steps);
  const Key key = late.create("w");
  EXPECT_EQ(late.status(key), Status::queued);
  EXPECT_TRUE(late.bodies().empty());
  late.begin();
  EXPECT_EQ(late.bodies().size(), 1U);
  late.run_bodies();
  EXPECT_EQ(late.output(key), "6");
  late.expect_at_rest();
}

TEST_F(Fusing, LogsWorkflowCodeThatTakesLong) {
  engine::ConductorOptions options;
  auto uptime = std::make_shared<Duration>();
  options.uptime = [uptime] { return *uptime += 101ms; };
  Harness slow{options};
  slow.begin();
  slow.define("w", [](Context&) -> Task<int> { co_return 7; });
  slow.create("w");
  ASSERT_FALSE(slow.log().empty());
  EXPECT_THAT(slow.log().front(), ::testing::HasSubstr(R"(workflow code of "i-1" of workflow "w")"));
}

TEST_F(Fusing, EndsAWorkflowWithoutStepsInTheGroupThatCreates) {
  h.define("w", [](Context&) -> Task<int> { co_return 7; });
  const Key key = h.create("w");
  EXPECT_EQ(h.status(key), Status::complete);
  EXPECT_EQ(h.output(key), "7");
  EXPECT_EQ(h.groups(), 1U);
}

}  // namespace
}  // namespace cairn::testing
