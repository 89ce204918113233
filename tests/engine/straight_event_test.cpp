#include "tests/engine/harness.hpp"

#include <gmock/gmock.h>

namespace cairn::testing {
namespace {

using ::testing::HasSubstr;

Task<std::string> one_event(Context& ctx) {
  Event event = co_await ctx.wait_for_event("wait", {.type = "go"});
  co_return event.payload.dump();
}

Task<std::string> step_then_two_events(Context& ctx) {
  co_await ctx.step("first", [] {});
  Event one = co_await ctx.wait_for_event("one", {.type = "go"});
  Event two = co_await ctx.wait_for_event("two", {.type = "go"});
  co_return one.payload.dump() + " " + two.payload.dump();
}

// Events that go to a wait without being kept on the way.
class StraightEvents : public ConductorTest {
 protected:
  // Its frames leave memory; only the store knows that it waits.
  void evict() {
    h.move(1min);
    ASSERT_EQ(h.conductor().residents(), 0U);
  }
  [[nodiscard]] const std::vector<Change>& last_group() { return h.store().groups().back(); }
};

TEST_F(StraightEvents, AreOneChangeWithWhatTheyLeadTo) {
  h.define("w", one_event);
  const Key key = h.create("w");
  const std::size_t groups = h.groups();
  const Sent sent = h.send(key, "go", "1");
  EXPECT_TRUE(sent.awaited);
  EXPECT_EQ(sent.status, Status::complete);
  EXPECT_EQ(h.output(key), R"("1")");
  EXPECT_EQ(h.groups(), groups + 1);
  ASSERT_EQ(last_group().size(), 1U);
  EXPECT_TRUE(std::holds_alternative<Advance>(last_group().front()));
}

TEST_F(StraightEvents, FetchTheInstanceThatWaitsForThem) {
  h.define("w", one_event);
  const Key key = h.create("w");
  evict();
  const std::size_t groups = h.groups();
  EXPECT_EQ(h.send(key, "go", "1").status, Status::complete);
  EXPECT_EQ(h.output(key), R"("1")");
  EXPECT_EQ(h.groups(), groups + 1);
}

TEST_F(StraightEvents, FetchNobodyWhoDoesNotWaitForThem) {
  h.define("w", one_event);
  const Key key = h.create("w");
  evict();
  const Sent sent = h.send(key, "other", "1");
  EXPECT_FALSE(sent.awaited);
  EXPECT_EQ(h.conductor().residents(), 0U);
  EXPECT_EQ(h.history(key).events.size(), 1U);
}

TEST_F(StraightEvents, StayBehindThoseOfTheirTypeThatAreNotDurableYet) {
  h.define("w", step_then_two_events);
  const Key key = h.create("w");
  h.give({Harness::event_input(key, "go", "1"), h.take_result(), Harness::event_input(key, "go", "2")});
  EXPECT_EQ(h.output(key), R"("1 2")");
}

TEST_F(StraightEvents, OfTwoForAnEvictedInstanceKeepTheirOrder) {
  h.define("w", [](Context& ctx) -> Task<std::string> {
    Event one = co_await ctx.wait_for_event("one", {.type = "go"});
    Event two = co_await ctx.wait_for_event("two", {.type = "go"});
    co_return one.payload.dump() + " " + two.payload.dump();
  });
  const Key key = h.create("w");
  evict();
  h.give({Harness::event_input(key, "go", "1"), Harness::event_input(key, "go", "2")});
  EXPECT_EQ(h.output(key), R"("1 2")");
}

TEST_F(StraightEvents, AreKeptBehindAPauseOfTheSameGroup) {
  h.define("w", one_event);
  for (const bool evicted : {false, true}) {
    const Key key = h.create("w");
    if (evicted) evict();
    h.give({h.control_input(key, Command::pause), Harness::event_input(key, "go", "1")});
    EXPECT_EQ(h.status(key), Status::paused) << evicted;
    EXPECT_EQ(h.history(key).events.size(), 1U) << evicted;
    h.resume(key);
    EXPECT_EQ(h.output(key), R"("1")") << evicted;
  }
}

TEST_F(StraightEvents, CountAmongThoseThatMayWait) {
  h.define("w", one_event);
  const Key key = h.create("w");
  std::optional<Outcome> outcome;
  engine::Intake intake{SendEvent{.key = key, .type = "go", .payload = "1", .buffered_max = 0}};
  intake.reply.done = [&](const Change&, const Outcome& answer) { outcome = answer; };
  h.give({std::move(intake)});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(std::get<Sent>(*outcome).refused, Errc::too_large);
  EXPECT_EQ(h.status(key), Status::waiting);
}

TEST_F(StraightEvents, TakeNoSlotThatIsNotFree) {
  Harness full{{.concurrency = 1}};
  full.begin();
  full.define("w", one_event);
  full.define("busy", [](Context& ctx) -> Task<void> { co_await ctx.step("s", [] {}); });
  const Key key = full.create("w");
  full.create("busy");
  const Sent sent = full.send(key, "go", "1");
  EXPECT_TRUE(sent.awaited);
  EXPECT_EQ(full.status(key), Status::queued);
  full.run_bodies();
  EXPECT_EQ(full.output(key), R"("1")");
  full.expect_at_rest();
}

// Whoever is told that an event was not written sends it again; so it must not have been delivered.
TEST_F(StraightEvents, ThatCouldNotBeWrittenAreNotDelivered) {
  h.define("w", one_event);
  for (const Mishap mishap : {Mishap::refused, Mishap::unknown_lost}) {
    for (const bool evicted : {false, true}) {
      const Key key = h.create("w");
      if (evicted) evict();
      h.store().plan(mishap);
      EXPECT_THROW(h.send(key, "go", "1"), Error) << to_string(mishap);
      h.move(10s);
      EXPECT_EQ(h.status(key), Status::waiting) << to_string(mishap);
      EXPECT_FALSE(h.step(key, "wait-1").ended_seq) << to_string(mishap);
      h.send(key, "go", "2");
      EXPECT_EQ(h.output(key), R"("2")") << to_string(mishap);
    }
  }
}

TEST_F(StraightEvents, ThatWereWrittenAllTheSameAreDeliveredOnce) {
  h.define("w", step_then_two_events);
  const Key key = h.create("w");
  h.run_body();
  h.store().plan(Mishap::unknown_written);
  EXPECT_THROW(h.send(key, "go", "1"), Error);
  h.move(10s);
  EXPECT_THAT(h.step(key, "one-1").output, HasSubstr(R"("payload":1)"));
  EXPECT_EQ(h.status(key), Status::waiting);
  h.send(key, "go", "2");
  EXPECT_EQ(h.output(key), R"("1 2")");
}

TEST_F(StraightEvents, SurviveACrashBehindTheirGroup) {
  h.define("w", step_then_two_events);
  const Key key = h.create("w");
  h.run_body();
  h.store().plan(Mishap::crash_after);
  h.send(key, "go", "1");
  EXPECT_TRUE(h.crashed());
  h.send(key, "go", "2");
  EXPECT_EQ(h.output(key), R"("1 2")");
}

TEST_F(StraightEvents, AreRefusedByAnInstanceThatHasEndedUnseen) {
  h.define("w", one_event);
  const Key key = h.create("w");
  h.store().apply_plain(Control{.key = key, .command = Command::terminate}, h.now());
  EXPECT_EQ(h.send(key, "go", "1").refused, Errc::cannot_send_event);
}

TEST_F(StraightEvents, AreWrittenWhenTheStoreCannotSayWhoWaits) {
  h.define("w", one_event);
  const Key key = h.create("w");
  evict();
  h.store().fail_reads(1);
  EXPECT_TRUE(h.send(key, "go", "1").awaited);
  h.move(10s);
  EXPECT_EQ(h.output(key), R"("1")");
}

TEST_F(StraightEvents, AreLeftToTheNextOwnerOnceTheEngineStops) {
  h.define("w", one_event);
  const Key key = h.create("w");
  h.give({engine::Halt{}});
  EXPECT_FALSE(h.send(key, "go", "1").refused);
  EXPECT_EQ(h.status(key), Status::waiting);
  h.crash();
  EXPECT_EQ(h.output(key), R"("1")");
}

}  // namespace
}  // namespace cairn::testing
