#include "tests/engine/harness.hpp"

namespace cairn::testing {
namespace {

Task<int> plain_step(Context& ctx) {
  co_return co_await ctx.step("s", [] { return 1; });
}

Task<int> sleep_then_step(Context& ctx) {
  co_await ctx.sleep("nap", 1h);
  co_return co_await ctx.step("s", [] { return 1; });
}

Task<int> event_then_step(Context& ctx) {
  co_await ctx.wait_for_event("wait", {.type = "go"});
  co_return co_await ctx.step("s", [] { return 1; });
}

void expect_all_complete(Harness& h) {
  for (const InstanceRow& row : h.store().plain().list({.limit = 1'000'000})) {
    ASSERT_EQ(row.status, Status::complete) << row.id;
  }
}

TEST(Limits, OfAWorkflowHoldForItAlone) {
  Harness h;
  h.begin();
  h.define("narrow", plain_step, {.adopts = {}, .concurrency = 2});
  h.define("wide", plain_step);
  h.create_many("narrow", 5);
  h.create_many("wide", 5);
  EXPECT_EQ(h.bodies().size(), 7U);
  EXPECT_EQ(h.conductor().running(), 7U);
  h.finish();
  expect_all_complete(h);
  h.expect_at_rest();
}

TEST(Limits, LetTheNextBeginInTheTurnThatFreesASlot) {
  Harness h{{.concurrency = 1}};
  h.begin();
  h.define("w", plain_step);
  h.create_many("w", 2);
  ASSERT_EQ(h.bodies().size(), 1U);
  EXPECT_FALSE(h.turn({h.take_result()}));
  EXPECT_EQ(h.bodies().size(), 1U);
}

TEST(Limits, OfTheEngineHoldForAll) {
  Harness h{{.concurrency = 3}};
  h.begin();
  h.define("a", plain_step);
  h.define("b", plain_step);
  h.create_many("a", 3);
  h.create_many("b", 3);
  EXPECT_EQ(h.bodies().size(), 3U);
  while (!h.bodies().empty()) {
    EXPECT_LE(h.bodies().size(), 3U);
    h.run_body();
  }
  expect_all_complete(h);
  h.expect_at_rest();
}

TEST(Limits, OfTheEngineAreSharedFairlyAmongWorkflows) {
  Harness h{{.concurrency = 1}};
  h.begin();
  h.define("a", plain_step);
  h.define("b", plain_step);
  h.create_many("a", 10);
  const Key key = h.create("b");
  h.run_body();
  h.run_body();
  h.run_body();
  EXPECT_EQ(h.status(key), Status::complete) << "it does not wait until the other workflow has nothing left";
  h.finish();
  h.expect_at_rest();
}

TEST(Limits, CountNoInstanceThatWaits) {
  Harness h{{.concurrency = 1}};
  h.begin();
  h.define("sleepy", sleep_then_step);
  h.define("w", plain_step);
  h.create_many("sleepy", 10);
  EXPECT_EQ(h.conductor().running(), 0U);
  const Key key = h.create("w");
  h.run_bodies();
  EXPECT_EQ(h.status(key), Status::complete);
  h.finish();
  expect_all_complete(h);
  h.expect_at_rest();
}

TEST(Limits, LetTheWokenGoBeforeTheNew) {
  Harness h{{.concurrency = 1}};
  h.begin();
  h.define("w", event_then_step);
  h.define("busy", plain_step);
  const Key woken = h.create("w");
  h.create("busy");
  const std::vector<Key> created = h.create_many("w", 3);
  h.send(woken, "go");
  EXPECT_EQ(h.status(woken), Status::queued) << "no slot is free";
  h.run_body();
  EXPECT_EQ(h.status(woken), Status::running);
  EXPECT_EQ(h.status(created[0]), Status::queued);
  h.run_bodies();
  for (const Key key : created) h.send(key, "go");
  h.finish();
  expect_all_complete(h);
  h.expect_at_rest();
}

TEST(Limits, LetTheWokenGoBeforeTheNewOfAnyWorkflow) {
  Harness h{{.concurrency = 1}};
  h.begin();
  h.define("first", plain_step);
  h.define("second", event_then_step);
  const Key woken = h.create("second");
  const std::vector<Key> created = h.create_many("first", 3);
  h.send(woken, "go");
  h.run_body();
  EXPECT_EQ(h.status(woken), Status::running);
  h.finish();
  expect_all_complete(h);
  h.expect_at_rest();
}

TEST(Limits, KeepAWokenInstanceThatIsQueuedOverACrash) {
  Harness h{{.concurrency = 1}};
  h.begin();
  h.define("w", event_then_step);
  h.define("busy", plain_step);
  const Key woken = h.create("w");
  h.create("busy");
  h.send(woken, "go");
  EXPECT_EQ(h.status(woken), Status::queued);
  h.crash();
  h.finish();
  expect_all_complete(h);
  h.expect_at_rest();
}

TEST(Limits, LetTenThousandsQueueInTheStore) {
  Harness h{{.concurrency = 50, .workers = 50}};
  h.begin();
  h.define("w", plain_step);
  h.create_many("w", 12'000);
  h.create_many("w", 3'000);
  EXPECT_EQ(h.bodies().size(), 50U);
  while (!h.bodies().empty()) {
    std::vector<engine::Input> results;
    while (!h.bodies().empty()) results.push_back(h.take_result());
    h.give(std::move(results));
  }
  expect_all_complete(h);
  EXPECT_EQ(h.journal().size(), 15'000U);
  h.expect_at_rest();
}

TEST(Limits, LetTenThousandsQueueBeforeItBegins) {
  Harness h{{.concurrency = 50, .page = 100}};
  h.define("w", plain_step);
  h.create_many("w", 11'000);
  h.begin();
  EXPECT_LE(h.store().pages(), 3U) << "only what is wanted next is read";
  while (!h.bodies().empty()) {
    std::vector<engine::Input> results;
    while (!h.bodies().empty()) results.push_back(h.take_result());
    h.give(std::move(results));
    EXPECT_LE(h.conductor().running(), 50U);
  }
  expect_all_complete(h);
  h.expect_at_rest();
}

}  // namespace
}  // namespace cairn::testing
