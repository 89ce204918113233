#include "tests/engine/harness.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

namespace cairn::testing {
namespace {

// A conductor that is told by its clocks that the wall clock was set.

Task<void> naps(Context& ctx) {
  co_await ctx.sleep("nap", 1h);
}

Task<int> tries(Context& ctx) {
  co_return co_await ctx.step("try", {.retries = {.limit = 5, .delay = 1h, .backoff = Backoff::constant}},
                              []() -> int { throw std::runtime_error{"not yet"}; });
}

class Leaps : public ConductorTest {
 protected:
  void SetUp() override {
    ConductorTest::SetUp();
    h.define("naps", naps);
    h.define("tries", tries);
  }

  [[nodiscard]] std::size_t moves() const {
    std::size_t count = 0;
    for (const auto& group : h.store().groups()) {
      count += static_cast<std::size_t>(std::ranges::count_if(
          group, [](const Change& change) { return std::holds_alternative<MoveClock>(change); }));
    }
    return count;
  }

  void expect_to_end_after(Key key, Duration span) {
    h.move(span - 1s);
    EXPECT_EQ(h.status(key), Status::waiting);
    h.move(1s);
    EXPECT_EQ(h.status(key), Status::complete);
  }
};

TEST_F(Leaps, AreWrittenBeforeWhateverIsWrittenNext) {
  const Key key = h.create("naps");
  h.leap(48h);
  h.create("naps");
  const auto& groups = h.store().groups();
  const auto told = std::ranges::find_if(
      groups, [](const auto& group) { return std::holds_alternative<MoveClock>(group.front()); });
  ASSERT_NE(told, groups.end());
  EXPECT_TRUE(std::holds_alternative<CreateBatch>(told->at(1)));
  expect_to_end_after(key, 1h);
}

TEST_F(Leaps, AreWrittenOnceAndNotWhereTimeJustPasses) {
  h.create("naps");
  h.move(30min);
  EXPECT_EQ(moves(), 0U);
  h.leap(-48h);
  h.move(1min);
  h.move(1min);
  EXPECT_EQ(moves(), 1U);
}

TEST_F(Leaps, ADelayBeforeTheNextAttemptKeepsItsLength) {
  h.create("tries");
  h.run_body();
  h.leap(24h * 365);
  h.move(1h - 1s);
  EXPECT_TRUE(h.bodies().empty());
  h.move(1s);
  EXPECT_EQ(h.bodies().size(), 1U);
  h.run_body();
  h.leap(-24h * 365);
  h.move(1h);
  EXPECT_EQ(h.bodies().size(), 1U);
  h.finish();
}

TEST_F(Leaps, AreForgottenByNoCrash) {
  const Key key = h.create("naps");
  h.leap(24h * 365);
  h.move(10min);
  h.crash();
  expect_to_end_after(key, 50min);
}

TEST_F(Leaps, AStoreThatFailsIsToldLaterAndOnce) {
  for (const Mishap mishap : {Mishap::refused, Mishap::unknown_written, Mishap::unknown_lost}) {
    const Key key = h.create("naps");
    h.store().plan(mishap);
    h.leap(48h);
    EXPECT_THROW(h.create("naps"), Error);
    h.move(1min);
    expect_to_end_after(key, 59min);
    h.crash();
    const Key after = h.create("naps");
    expect_to_end_after(after, 1h);
  }
}

TEST_F(Leaps, OfAnInstanceThatIsReadWhileTheStoreFailsAreKnownOnce) {
  const Key key = h.create("naps");
  h.crash();
  const Key young = h.create("naps");
  h.store().plan(Mishap::unknown_written);
  h.leap(-48h);
  EXPECT_THROW(h.send(young, "nothing waits for it"), Error);
  h.move(1min);
  expect_to_end_after(young, 59min);
  EXPECT_EQ(h.status(key), Status::waiting) << "of an earlier life: the clock says when";
  h.move(48h);
  EXPECT_EQ(h.status(key), Status::complete);
}

}  // namespace
}  // namespace cairn::testing
