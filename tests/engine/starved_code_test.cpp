// Workflow code that finds no memory.

#include "tests/engine/harness.hpp"

#include <new>

namespace cairn::testing {
namespace {

// A place in workflow code that finds no memory the next few times.
class Starving {
 public:
  void fail(int times) { left_ = times; }
  void pass() {
    if (left_ > 0 && left_-- > 0) throw std::bad_alloc{};
  }

 private:
  int left_ = 0;
};

constexpr int tries_max = 5;

class StarvedCode : public ConductorTest {
 protected:
  void SetUp() override {
    ConductorTest::SetUp();
    h.define("it", [this](Context& ctx) -> Task<int> {
      before_.pass();
      int first = co_await ctx.step("first", [] { return 1; });
      behind_.pass();
      co_await ctx.sleep("nap", 1h);
      Event event = co_await ctx.wait_for_event("answer", {.type = "go", .timeout = 24h});
      last_.pass();
      co_return first + event.payload.get<int>();
    });
  }

  static Task<int> branch(Context& ctx, std::string name, Starving* starving) {
    co_await ctx.sleep(name, 1h);
    if (starving != nullptr) starving->pass();
    co_return co_await ctx.step(name, [] { return 1; });
  }

  Starving before_;  // passed at each beginning of the frames
  Starving behind_;  // when the first step, or the left branch's sleep, has ended
  Starving last_;    // when the event has come
};

TEST_F(StarvedCode, BeginsAnewWhenItHasJustBeenCreated) {
  before_.fail(1);
  const Key key = h.create("it", "a");
  EXPECT_EQ(h.status(key), Status::running);
  h.run_bodies();
  EXPECT_EQ(h.status(key), Status::waiting);
}

TEST_F(StarvedCode, IsNotTakenForOtherCodeWhenItsRecordIsReplayed) {
  const Key key = h.create("it", "a");
  h.run_bodies();
  h.crash();
  before_.fail(1);
  h.move(1h);
  EXPECT_EQ(h.status(key), Status::waiting);
  h.send(key, "go", "2");
  EXPECT_EQ(h.output(key), "3");
}

TEST_F(StarvedCode, KeepsTheResultThatItWasToGoOnWith) {
  behind_.fail(1);
  const Key key = h.create("it", "a");
  h.run_bodies();
  EXPECT_EQ(h.status(key), Status::waiting);
  EXPECT_EQ(h.history(key).steps.at(0).attempt, 1) << "its body has run once";
}

TEST_F(StarvedCode, WakesFromItsSleepAllTheSame) {
  const Key key = h.create("it", "a");
  h.run_bodies();
  before_.fail(1);
  h.move(1h);
  last_.fail(1);
  h.send(key, "go", "2");
  EXPECT_EQ(h.output(key), "3");
  EXPECT_TRUE(h.history(key).events.empty()) << "the event was taken once";
}

TEST_F(StarvedCode, TakesAnEventThatComesWhenItIsNotInMemory) {
  const Key key = h.create("it", "a");
  h.run_bodies();
  h.move(1h);
  h.move(1min);
  ASSERT_EQ(h.conductor().residents(), 0U);
  before_.fail(1);
  EXPECT_EQ(h.send(key, "go", "2").refused, std::nullopt);
  EXPECT_EQ(h.output(key), "3");
}

// Both sleeps end at once. Had the right branch gone on, its step would be recorded before the left one's,
// which comes first when the record is replayed.
TEST_F(StarvedCode, StopsItsOtherBranchesAsWell) {
  h.define("branches", [this](Context& ctx) -> Task<int> {
    auto [left, right] = co_await all(branch(ctx, "left", &behind_), branch(ctx, "right", nullptr));
    co_return left + right;
  });
  for (const int times : {1, tries_max}) {
    SCOPED_TRACE(times);
    const Key key = h.create("branches", "a" + std::to_string(times));
    behind_.fail(times);
    h.move(1h);
    h.run_bodies();
    EXPECT_EQ(h.status(key), Status::complete) << h.error(key).message;
    EXPECT_EQ(h.output(key), "2");
  }
}

TEST_F(StarvedCode, EndsItsInstanceWhenItNeverFindsAny) {
  last_.fail(tries_max + 1);
  const Key key = h.create("it", "a");
  h.run_bodies();
  h.move(1h);
  h.send(key, "go", "2");
  EXPECT_EQ(h.status(key), Status::errored);
  EXPECT_EQ(h.error(key).name, "Error") << h.error(key).message;
}

TEST_F(StarvedCode, IsParkedWhenItsReplayNeverFindsAny) {
  const Key key = h.create("it", "a");
  h.run_bodies();
  h.crash();
  before_.fail(tries_max + 1);
  h.move(1h);
  EXPECT_EQ(h.status(key), Status::paused);
  EXPECT_EQ(h.error(key).message, "the workflow finds no memory where the record has step \"first-1\"");
  h.resume(key);
  EXPECT_EQ(h.status(key), Status::waiting);
}

TEST_F(StarvedCode, HasAllItsTriesAgainOnceItHasGoneOn) {
  before_.fail(tries_max);
  const Key key = h.create("it", "a");
  behind_.fail(tries_max);
  h.run_bodies();
  EXPECT_EQ(h.status(key), Status::waiting);
}

}  // namespace
}  // namespace cairn::testing
