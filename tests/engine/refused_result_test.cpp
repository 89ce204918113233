#include "tests/engine/harness.hpp"

#include <variant>

namespace cairn::testing {
namespace {

// The record has ended the step by another result: what the code has made of its own does not count.
class RefusedResult : public ConductorTest {
 protected:
  // As if another attempt had ended it.
  void end_behind_its_back(Key key, const std::string& name, Sequence ended_seq, const std::string& output) {
    const StepResult result{.started_seq = h.step(key, name).started_seq,
                            .ended_seq = ended_seq,
                            .output = output,
                            .at = h.now()};
    const Advance advance{.key = key, .run = 1, .results = {result}};
    EXPECT_TRUE(std::get<Advanced>(h.store().apply_plain(advance, h.now())).recorded);
  }
};

TEST_F(RefusedResult, LetsTheInstanceGoOnFromTheRecord) {
  h.define("sum", [](Context& ctx) -> Task<int> {
    const int a = co_await ctx.step("a", [] { return 1; });
    const int b = co_await ctx.step("b", [] { return 2; });
    co_return a + b;
  });
  const Key key = h.create("sum");
  end_behind_its_back(key, "a-1", 7, "40");
  h.run_body("a-1");
  h.run_bodies();
  EXPECT_EQ(h.output(key), "42");
}

TEST_F(RefusedResult, DoesSoAlsoWhereNothingFollowsFromItYet) {
  h.define("sum", [](Context& ctx) -> Task<int> {
    auto [a, b] = co_await all(ctx.step("a", [] { return 1; }), ctx.step("b", [] { return 2; }));
    co_return a + b;
  });
  const Key key = h.create("sum");
  end_behind_its_back(key, "a-1", 7, "40");
  h.run_body("a-1");
  h.run_bodies();
  EXPECT_EQ(h.output(key), "42");
}

}  // namespace
}  // namespace cairn::testing
