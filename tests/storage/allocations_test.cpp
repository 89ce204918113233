#include "tests/storage/allocations.hpp"

#include "tests/storage/store_fixture.hpp"

#include <cairn/cairn.hpp>

#include <gtest/gtest.h>

// How often C++ code asks for memory, SQLite's not included. Bounds, because vectors grow by chance with the
// groups.
namespace cairn::testing {
namespace {

class AllocationTest : public ::testing::Test {
 protected:
  Folder folder_;
};

Task<void> do_nothing(Context&, std::string) {
  co_return;
}

TEST_F(AllocationTest, AnInstanceOfABatchIsThreeAllocations) {
  Engine engine{open_sqlite(folder_ / "store.db"), {.workers = 1, .sweep_interval = Duration{0}}};
  auto workflow = engine.define("nothing", do_nothing);
  workflow.create_batch(std::vector<NewInstance<std::string>>(10'000));  // statements are prepared, vectors
                                                                         // have grown
  std::vector<NewInstance<std::string>> batch = std::vector<NewInstance<std::string>>(10'000);
  const std::size_t before = allocations();
  workflow.create_batch(std::move(batch));
  EXPECT_LE(allocations() - before, 31'000U);
  EXPECT_GT(allocations() - before, 10'000U) << "nothing was counted";
}

Task<void> a_thousand_steps(Context& ctx) {
  for (int number = 0; number < 1'000; ++number) co_await ctx.step("step", [number] { return number; });
}

TEST_F(AllocationTest, AStepIsThirtyAllocations) {
  Engine engine{open_sqlite(folder_ / "store.db"), {.workers = 1, .sweep_interval = Duration{0}}};
  auto workflow = engine.define("a-thousand-steps", a_thousand_steps);
  engine.start();
  workflow.create({}).wait();
  const std::size_t before = allocations();
  workflow.create({}).wait();
  EXPECT_LE(allocations() - before, 1'000 * 33U);
}

TEST_F(AllocationTest, ASweptInstanceIsHardlyAnAllocation) {
  Engine engine{open_sqlite(folder_ / "store.db"), {.workers = 1, .sweep_interval = Duration{0}}};
  auto workflow = engine.define("nothing", do_nothing);
  const BatchResult result = workflow.create_batch(
      std::vector<NewInstance<std::string>>(1'000, {.retention = {.error = Duration{1}}}));
  for (const CreatedInstance& created : result.created) workflow.get(created.id).terminate();
  const std::size_t before = allocations();
  EXPECT_GE(engine.sweep().instances, 900U) << "the last ones may have ended less than a millisecond ago";
  EXPECT_LE(allocations() - before, 1'000 * 2U);
}

}  // namespace
}  // namespace cairn::testing
