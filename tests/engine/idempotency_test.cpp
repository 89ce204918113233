#include "tests/engine/harness.hpp"

#include <set>
#include <stdexcept>

namespace cairn::testing {
namespace {

class IdempotencyKey : public ConductorTest {
 protected:
  void SetUp() override {
    ConductorTest::SetUp();
    h.define("w", [](Context& ctx) -> Task<int> {
      co_return co_await ctx.step("s", {.retries = {.delay = 1s}}, [](StepContext& step) {
        if (step.attempt() < 3) throw std::runtime_error("again");
        return step.attempt();
      });
    });
  }

  std::string current() { return h.bodies().front().idempotency_key(); }
};

TEST_F(IdempotencyKey, IsTheSameForAllAttempts) {
  h.create("w");
  const std::string first = current();
  h.run_body();
  h.move(1s);
  EXPECT_EQ(current(), first);
  h.crash();
  EXPECT_EQ(current(), first);
  h.finish();
}

TEST_F(IdempotencyKey, IsAnotherInAnotherRun) {
  const Key key = h.create("w");
  const std::string first = current();
  h.restart(key);
  h.run_body();
  EXPECT_NE(current(), first);
  h.finish();
}

TEST_F(IdempotencyKey, IsAnotherForEachInstanceAndWorkflow) {
  h.define("other", [](Context& ctx) -> Task<int> { co_return co_await ctx.step("s", [] { return 1; }); });
  h.create_many("w", 3);
  h.create("other");
  std::set<std::string> keys;
  for (const engine::RunBody& body : h.bodies()) keys.insert(body.idempotency_key());
  EXPECT_EQ(keys.size(), 4U);
  h.finish();
}

TEST_F(IdempotencyKey, IsAnotherForEachUseOfAName) {
  h.define("map", [](Context& ctx) -> Task<int> {
    std::vector<int> numbers(3, 1);
    std::vector<int> same = co_await ctx.map("n", numbers, [](int n) { return n; });
    co_return static_cast<int>(same.size());
  });
  h.create("map");
  std::set<std::string> keys;
  for (const engine::RunBody& body : h.bodies()) keys.insert(body.idempotency_key());
  EXPECT_EQ(keys.size(), 3U);
  h.finish();
}

TEST_F(IdempotencyKey, IsNotSharedWithALaterInstanceOfTheSameId) {
  const Key first = h.create("w", "it");
  const std::string key = current();
  h.run_body();
  h.terminate(first);
  h.store().apply_plain(Sweep{.limit = 10}, h.now() + std::chrono::hours{24 * 365 * 100});
  ASSERT_TRUE(h.ids().empty());
  const Key second = h.create("w", "it");
  ASSERT_NE(second, 0);
  EXPECT_NE(current(), key);
  h.finish();
}

}  // namespace
}  // namespace cairn::testing
