#include "tests/engine/harness.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace cairn::testing {
namespace {

// What nobody was told of, because the store did not answer.

Task<int> waits(Context& ctx) {
  Event event = co_await ctx.wait_for_event("wait", {.type = "go"});
  int value = event.payload.get<int>();
  co_return value;
}

class Outage : public ConductorTest {
 protected:
  void SetUp() override {
    ConductorTest::SetUp();
    h.define("two_steps", two_steps);
    h.define("waits", waits);
  }
};

TEST_F(Outage, AnEventThatWasWrittenAfterAllIsDelivered) {
  const Key key = h.create("waits");
  h.store().plan(Mishap::unknown_written);
  EXPECT_THROW(h.send(key, "go", "5"), Error);
  h.move(1s);
  EXPECT_EQ(h.output(key), "5");
}

TEST_F(Outage, AnEventThatIsSentAgainIsTakenOnce) {
  const Key key = h.create("waits");
  h.store().plan(Mishap::unknown_lost);
  EXPECT_THROW(h.send(key, "go", "5"), Error);
  h.move(1s);
  h.send(key, "go", "5");
  EXPECT_EQ(h.output(key), "5");
}

TEST_F(Outage, APauseThatWasWrittenAfterAllIsConcludedThoughItsBodyNeverBegan) {
  const Key key = h.create("two_steps");
  h.store().plan(Mishap::unknown_written);
  std::vector<engine::Input> inputs;
  inputs.push_back(h.take_result());
  inputs.push_back(h.control_input(key, Command::pause));
  h.give(std::move(inputs));
  EXPECT_EQ(h.status(key), Status::waiting_for_pause);
  EXPECT_TRUE(h.bodies().empty());
  h.move(1s);
  EXPECT_EQ(h.status(key), Status::paused);
  h.resume(key);
  h.run_bodies();
  EXPECT_EQ(h.output(key), "3");
}

TEST_F(Outage, WatchersAreToldOfAnEndThatWasWrittenAfterAll) {
  const Key key = h.create("two_steps");
  std::optional<detail::Ended> ended;
  h.watch(key, ended);
  h.run_body();
  h.store().plan(Mishap::unknown_written);
  h.run_body();
  h.move(1s);
  ASSERT_EQ(h.status(key), Status::complete);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->output, "3");
}

TEST_F(Outage, WatchersAreToldOfATerminationThatWasWrittenAfterAll) {
  const Key key = h.create("waits");
  std::optional<detail::Ended> ended;
  h.watch(key, ended);
  h.store().plan(Mishap::unknown_written);
  EXPECT_THROW(h.terminate(key), Error);
  h.move(1s);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->status, Status::terminated);
}

TEST_F(Outage, AnotherOwnerEndsAllWork) {
  const Key key = h.create("two_steps", "it");
  h.create("two_steps");
  h.store().plan(Mishap::owned, 0, 1'000);
  h.run_body(key);
  h.move(1h);
  h.run_bodies();
  EXPECT_EQ(h.ran("it/b-1#1"), 0U);
  EXPECT_FALSE(h.conductor().next_time());
}

Task<void> short_and_long(Context& ctx) {
  co_await all(ctx.sleep("short", 1min), ctx.sleep("long", 24h));
}

TEST_F(Outage, WhoeverWaitsOnAfterAResultWasWrittenAgainIsNotWokenForItTwice) {
  h.define("short_and_long", short_and_long);
  const Key key = h.create("short_and_long");
  const Time begin = h.now();
  h.store().plan(Mishap::refused);
  h.move(1min);
  h.move(1s);
  EXPECT_TRUE(h.step(key, "short-1").ended_seq);
  EXPECT_EQ(h.status(key), Status::waiting);
  EXPECT_EQ(h.row(key).wake_at, begin + 24h);
  h.finish();
  EXPECT_EQ(h.status(key), Status::complete);
}

TEST_F(Outage, ReadsAreTriedAgain) {
  const Key key = h.create("waits");
  h.move(1min);
  EXPECT_EQ(h.conductor().residents(), 0U);
  h.store().fail_reads(3);
  h.send(key, "go", "5");
  EXPECT_EQ(h.status(key), Status::waiting);
  h.move(5s);
  h.move(5s);
  h.move(5s);
  h.move(5s);
  EXPECT_EQ(h.output(key), "5");
}

// ----------------------------------------------------------------------------------------------------- the
// log

class LogOfAnOutage : public Outage {
 protected:
  void create_in_vain(std::size_t times = 1) {
    h.store().plan(Mishap::refused, 0, times);
    for (std::size_t i = 0; i < times; ++i) EXPECT_THROW(h.create("waits"), Error);
    h.store().heal();
  }
  [[nodiscard]] std::size_t lines(std::string_view part) const {
    return static_cast<std::size_t>(std::count_if(
        h.log().begin(), h.log().end(), [&](const std::string& line) { return line.starts_with(part); }));
  }
  [[nodiscard]] std::size_t failures() const { return lines("the store failed: "); }
  [[nodiscard]] std::size_t ends() const { return lines("the store works again"); }
};

TEST_F(LogOfAnOutage, HasOneLineHoweverManyCallsAreRefused) {
  create_in_vain(500);
  EXPECT_EQ(failures(), 1U);
  EXPECT_TRUE(h.conductor().outage()) << "the health has it";
}

TEST_F(LogOfAnOutage, HasALineAMinuteWhileItLasts) {
  h.create("two_steps");
  h.store().plan(Mishap::refused, 0, 1'000);
  h.run_body();
  const Duration begin = h.uptime();
  while (h.uptime() < begin + 10min) h.move(1s);
  EXPECT_GE(failures(), 10U);
  EXPECT_LE(failures(), 11U);
  EXPECT_EQ(ends(), 0U);
}

TEST_F(LogOfAnOutage, TellsEachReasonOnceThoughTheyTakeTurns) {
  for (int i = 0; i < 100; ++i) {
    for (const Mishap mishap : {Mishap::refused, Mishap::unknown_lost}) {
      h.store().plan(mishap);
      EXPECT_THROW(h.create("waits"), Error);
    }
  }
  EXPECT_EQ(failures(), 2U);
}

TEST_F(LogOfAnOutage, SaysWhenItIsOverAndWhenTheNextOneBegins) {
  create_in_vain();
  EXPECT_EQ(ends(), 0U);
  h.create("waits");
  EXPECT_EQ(ends(), 1U);
  h.create("waits");
  EXPECT_EQ(ends(), 1U);
  create_in_vain();
  EXPECT_EQ(failures(), 2U);
}

// As where a large group finds no room on a disk, and a small one does.
TEST_F(LogOfAnOutage, HasFewLinesThoughItComesAndGoes) {
  for (int i = 0; i < 500; ++i) {
    create_in_vain();
    h.create("waits");
  }
  EXPECT_LE(h.log().size(), 20U);
  h.move(2min);
  create_in_vain();
  h.create("waits");
  EXPECT_THAT(h.log().back(), ::testing::StartsWith("the store works again"));
}

// Nothing can be written to a full disk, and everything read.
TEST_F(LogOfAnOutage, OfWritesIsNotOverForAReadThatWorks) {
  const Key key = h.create("waits");
  h.move(1min);
  ASSERT_EQ(h.conductor().residents(), 0U);
  h.store().plan(Mishap::refused, 0, 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THROW(h.send(key, "go", "5"), Error);
    h.move(10s);
  }
  EXPECT_EQ(failures(), 1U);
  EXPECT_EQ(ends(), 0U);
}

TEST_F(LogOfAnOutage, OfReadsIsOverWithAReadThatWorks) {
  const Key key = h.create("waits");
  h.move(1min);
  h.store().fail_reads(3);
  h.send(key, "go", "5");
  EXPECT_EQ(failures(), 1U);
  for (int i = 0; i < 4; ++i) h.move(5s);
  EXPECT_EQ(failures(), 1U);
  EXPECT_EQ(ends(), 1U);
}

}  // namespace
}  // namespace cairn::testing
