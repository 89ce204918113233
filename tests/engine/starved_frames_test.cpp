// Workflow code whose requests find no memory, and which catches everything.

#include "engine/instance/frames.hpp"
#include "tests/engine/scarce_memory.hpp"

#include <cairn/cairn.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace cairn::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int rounds = 4;

// Asks until it is told.
Task<int> stubborn(Context& ctx, std::string name) {
  int sum = 0;
  for (int i = 0; i < rounds;) {
    try {
      sum += co_await ctx.step(name, [] { return 1; });
      ++i;
    } catch (const std::bad_alloc&) {
      sum += 0;
    }
  }
  co_return sum;
}

// Of two branches, the ends of whose steps cross each other.
History record() {
  History history;
  history.params = "null";
  Sequence seq = 1;
  const auto add = [&](const char* name, std::int32_t count, Sequence started, Sequence ended) {
    StepRow& row = history.steps.emplace_back();
    row.started_seq = started;
    row.ended_seq = ended;
    row.kind = StepKind::step;
    row.name = name;
    row.count = count;
    row.attempt = 1;
    row.output = "1";
  };
  Sequence left = seq++;
  Sequence right = seq++;
  for (std::int32_t count = 1; count <= rounds; ++count) {
    // The right one ends and begins anew, then the left one does.
    const Sequence right_end = seq++;
    const Sequence right_next = seq++;
    const Sequence left_end = seq++;
    const Sequence left_next = seq++;
    add("left", count, left, left_end);
    add("right", count, right, right_end);
    left = left_next;
    right = right_next;
  }
  return history;
}

std::shared_ptr<const detail::Definition> two_branches() {
  auto definition = std::make_shared<detail::Definition>();
  definition->name = "two";
  definition->run = [](Context& context, std::string_view params) {
    const auto both = [](Context& ctx) -> Task<int> {
      auto [left, right] = co_await all(stubborn(ctx, "left"), stubborn(ctx, "right"));
      co_return left + right;
    };
    return detail::run_workflow<void, int>(context, both, std::string{params});
  };
  return definition;
}

TEST(StarvedFrames, AskForWhatTheyWouldHaveAskedForWithMemory) {
  const auto definition = two_branches();
  int ended = 0;
  int starved = 0;
  for (const bool endures : {false, true}) {
    for (std::size_t k = 0;; ++k) {
      SCOPED_TRACE("request " + std::to_string(k) + (endures ? ", which it sees" : ""));
      engine::Frames frames{definition, InstanceInfo{.id = "a", .workflow = "two"}, record(), Limits{}, true};
      frames.endure(endures);
      bool failed = false;
      {
        const FailingRequests failing{k, 1};
        static_cast<void>(frames.run(engine::Share{100'000}));
        failed = FailingRequests::has_failed();
      }
      if (frames.starved()) {
        ++starved;  // it begins anew
      } else if (frames.contradiction()) {
        EXPECT_TRUE(endures);
        EXPECT_THAT(frames.contradiction()->message, Not(HasSubstr("asks for")));
      } else {
        ASSERT_TRUE(frames.finished());
        ended += frames.result().error ? 0 : 1;
      }
      if (!failed) break;
    }
  }
  EXPECT_GT(ended, 2);
  EXPECT_GT(starved, 0);
}

}  // namespace
}  // namespace cairn::testing
