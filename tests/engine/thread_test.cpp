// A program of its own, in which threads can be refused.

#include "tests/engine/engine_fixture.hpp"
#include "tests/scarce_threads.hpp"

#include <climits>

namespace cairn::tests {
namespace {

using cairn::testing::threads_left;
using ::testing::HasSubstr;
using ThreadTest = EngineTest;

TEST_F(ThreadTest, AStartWithoutThreadsIsRefusedAndMayBeTriedAgain) {
  constexpr int needed = 4;  // two workers, one that calls the host, and one that keeps the time
  for (int made = 0; made < needed; ++made) {
    Engine engine{open_memory(), options(2)};
    auto workflow = engine.define("twice", twice);
    const auto before = workflow.create({.params = 1});
    threads_left = made;
    const auto [code, message] = refusal([&] { engine.start(); });
    threads_left = INT_MAX;
    EXPECT_EQ(code, Errc::internal) << made;
    EXPECT_THAT(message, HasSubstr("threads cannot be started"));
    EXPECT_EQ(workflow.create({.params = 2}).status(), Status::queued);
    if (made == 0) continue;  // ends as it is
    engine.start();
    EXPECT_EQ(before.wait(), 2);
    EXPECT_TRUE(engine.stop(1min));
  }
}

}  // namespace
}  // namespace cairn::tests
