#include "tests/engine/harness.hpp"

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

}  // namespace
}  // namespace cairn::testing
