#include "tests/engine/harness.hpp"
#include "tests/refusal.hpp"
#include "tests/sanitized.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

// Workflow code that awaits what must not be awaited, or describes steps where it must not: an error names
// it.
namespace cairn::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Task<int> part(Context& ctx) {
  int one = co_await ctx.step("part", [] { return 1; });
  co_return one;
}

class Misuse : public ConductorTest {
 protected:
  // How an instance of that code ends.
  template <class Function>
  ErrorRecord error_of(Function function) {
    h.define("w", std::move(function));
    const Key key = h.create("w");
    h.run_bodies();
    EXPECT_EQ(h.status(key), Status::errored);
    return h.error(key);
  }
};

constexpr const char* awaited_twice = "was awaited twice: it gives its result once";
constexpr const char* moved_away = "was awaited after it had been moved away";

TEST_F(Misuse, OfATaskThatIsAwaitedTwice) {
  const ErrorRecord error = error_of([](Context& ctx) -> Task<int> {
    Task<int> once = part(ctx);
    int a = co_await once;
    int b = co_await once;
    co_return a + b;
  });
  EXPECT_EQ(error, (ErrorRecord{"Error", std::string{"a Task "} + awaited_twice}));
}

TEST_F(Misuse, OfATaskThatWasMovedAway) {
  const ErrorRecord error = error_of([](Context& ctx) -> Task<int> {
    Task<int> from = part(ctx);
    Task<int> to = std::move(from);
    int a = co_await to;
    int b = co_await from;  // NOLINT(bugprone-use-after-move)
    co_return a + b;
  });
  EXPECT_EQ(error.message, std::string{"a Task "} + moved_away);
}

TEST_F(Misuse, OfATaskThatWasMovedIntoAnother) {
  const ErrorRecord error = error_of([](Context& ctx) -> Task<int> {
    Task<int> from = part(ctx);
    Task<int> to = part(ctx);
    to = std::move(from);
    int a = co_await to;
    int b = co_await from;  // NOLINT(bugprone-use-after-move)
    co_return a + b;
  });
  EXPECT_EQ(error.message, std::string{"a Task "} + moved_away);
}

TEST_F(Misuse, OfATaskAmongBranches) {
  EXPECT_EQ(error_of([](Context& ctx) -> Task<void> {
              Task<int> from = part(ctx);
              Task<int> to = std::move(from);
              co_await all(std::move(to), std::move(from));  // NOLINT(bugprone-use-after-move)
            }).message,
            std::string{"a Task in all() "} + moved_away);
  EXPECT_EQ(error_of([](Context& ctx) -> Task<void> {
              Task<int> once = part(ctx);
              int a = co_await once;
              static_cast<void>(a);
              std::vector<Task<int>> tasks;
              tasks.push_back(part(ctx));
              tasks.push_back(std::move(once));
              co_await all(std::move(tasks));
            }).message,
            std::string{"a Task in all() "} + awaited_twice);
}

TEST_F(Misuse, OfBranchesThatAreAwaitedTwice) {
  EXPECT_EQ(error_of([](Context& ctx) -> Task<void> {
              auto both = all(part(ctx), part(ctx));
              co_await both;
              co_await both;
            }).message,
            std::string{"what all() gave "} + awaited_twice);
}

TEST_F(Misuse, OfBranchesThatWereMovedAway) {
  EXPECT_EQ(error_of([](Context& ctx) -> Task<void> {
              const std::vector<int> numbers{1, 2, 3};
              auto from = ctx.map("n", numbers, [](int n) { return n; });
              auto to = std::move(from);
              co_await to;
              co_await from;  // NOLINT(bugprone-use-after-move)
            }).message,
            std::string{"what all() gave "} + moved_away);
}

TEST_F(Misuse, OfAStepThatIsAwaitedTwice) {
  const ErrorRecord error = error_of([](Context& ctx) -> Task<std::string> {
    auto step = ctx.step("text", [] { return std::string{"once"}; });
    std::string a = co_await step;
    std::string b = co_await step;
    co_return a + b;
  });
  EXPECT_EQ(error.message, std::string{"a Step (\"text\") "} + awaited_twice);
}

TEST_F(Misuse, OfAStepThatWasMovedAway) {
  const ErrorRecord error = error_of([](Context& ctx) -> Task<int> {
    auto from = ctx.step("text", [] { return 1; });
    auto to = std::move(from);
    int a = co_await from;  // NOLINT(bugprone-use-after-move)
    co_return a;
  });
  EXPECT_THAT(error.message, StartsWith("a Step "));
  EXPECT_THAT(error.message, HasSubstr(moved_away));
}

TEST_F(Misuse, OfTheContextOfAnotherInstance) {
  static Context* other = nullptr;
  h.define("lender", [](Context& ctx) -> Task<int> {
    other = &ctx;
    co_await ctx.wait_for_event("go", {.type = "go"});
    co_return 5;
  });
  const Key lender = h.create("lender");
  const std::string expected = "a Step (\"mine\") was made by the Context of another instance";
  EXPECT_EQ(error_of([](Context&) -> Task<int> {
              int a = co_await other->step("mine", [] { return 1; });
              co_return a;
            }).message,
            expected);
  EXPECT_EQ(error_of([](Context& ctx) -> Task<void> {
              co_await all(ctx.step("own", [] {}), other->sleep("mine", 1s));
            }).message,
            expected);
  h.send(lender, "go");
  EXPECT_EQ(h.output(lender), "5") << "the other one goes on";
}

TEST_F(Misuse, OfStepsInsideABodyEndsItAtOnce) {
  const ErrorRecord error = error_of([](Context& ctx) -> Task<int> {
    int a = co_await ctx.step("outer", [&ctx] {
      static_cast<void>(ctx.step("inner", [] { return 1; }));
      return 2;
    });
    co_return a;
  });
  EXPECT_EQ(error.message,
            "step \"inner\": begun inside the body of a step; only the workflow's own code may begin steps");
  EXPECT_EQ(h.journal().size(), 1U) << "another attempt would not do better";
}

TEST_F(Misuse, OfSleepsAndWaitsInsideABodyAsWell) {
  EXPECT_THAT(error_of([](Context& ctx) -> Task<void> {
                co_await ctx.step("outer", [&ctx] { static_cast<void>(ctx.sleep("nap", 1s)); });
              }).message,
              StartsWith("step \"nap\": begun inside the body"));
  EXPECT_THAT(error_of([](Context& ctx) -> Task<void> {
                co_await ctx.step(
                    "outer", [&ctx] { static_cast<void>(ctx.wait_for_event("mail", {.type = "mail"})); });
              }).message,
              StartsWith("step \"mail\": begun inside the body"));
}

TEST_F(Misuse, OfAContextOutsideWorkflowCode) {
  static Context* kept = nullptr;
  h.define("w", [](Context& ctx) -> Task<void> {
    kept = &ctx;
    co_await ctx.wait_for_event("go", {.type = "go"});
  });
  const Key key = h.create("w");
  const auto [code, message] = refusal([] { static_cast<void>(kept->step("mine", [] {})); });
  EXPECT_EQ(code, Errc::wrong_thread);
  EXPECT_THAT(message, StartsWith("step \"mine\": begun outside workflow code"));
  h.send(key, "go");
  EXPECT_EQ(h.status(key), Status::complete);
}

TEST_F(Misuse, MayBeCaughtAgainAndAgainWithoutKeepingOthersWaiting) {
  h.define("w", [](Context& ctx) -> Task<int> {
    Task<int> once = part(ctx);
    Task<int> taken = std::move(once);
    int caught = 0;
    while (caught < 5'000) {
      try {
        int never = co_await once;  // NOLINT(bugprone-use-after-move)
        static_cast<void>(never);
      } catch (const Error&) {
        ++caught;
      }
    }
    int a = co_await taken;
    co_return a;
  });
  EXPECT_TRUE(h.turn({h.create_input("w", "a")})) << "more than a share of a turn";
  h.give({});
  h.run_bodies();
  EXPECT_EQ(h.journal().size(), 1U);
}

#ifdef CAIRN_TESTS_UNDER_ADDRESS_SANITIZER
TEST_F(Misuse, OfAContextThatIsGoneIsFoundByTheAddressSanitizer) {
  static Context* kept = nullptr;
  h.define("keeper", [](Context& ctx) -> Task<void> {
    kept = &ctx;
    co_return;
  });
  h.create("keeper");
  h.define("w", [](Context&) -> Task<void> { co_await kept->sleep("nap", 1s); });
  EXPECT_DEATH(h.create("w"), "heap-use-after-free");
}
#endif

}  // namespace
}  // namespace cairn::testing
