#include "tests/engine/shares.hpp"

#include <algorithm>
#include <numeric>

// Whoever has spent its share keeps its slot, unless somebody waits for that.
namespace cairn::testing {
namespace {

TEST(SmallShares, GiveTheOnlySlotToWhoeverWaitsForIt) {
  engine::ConductorOptions options = shares::small_shares();
  options.concurrency = 1;
  Harness h{options};
  h.begin();
  h.define("sleeps", shares::sleeps);
  h.define("quick", shares::quick);
  engine::Input left = h.create_input("sleeps", "left");
  engine::Input right = h.create_input("sleeps", "right");
  for (engine::Input* input : {&left, &right})
    std::get<CreateBatch>(std::get<engine::Intake>(*input).change).rows.front().params = "300";
  h.turn({std::move(left)});
  h.turn({std::move(right)});
  h.turn({h.create_input("quick", "other")});
  for (int turns = 0; turns < 10 && h.bodies().empty(); ++turns) h.turn();
  ASSERT_EQ(h.bodies().size(), 1U) << "what was created after them has its turn";
  EXPECT_FALSE(is_finished(h.status(shares::key_of(h, "left"))));
  EXPECT_FALSE(is_finished(h.status(shares::key_of(h, "right"))));
  h.run_bodies();
  h.give({});
  EXPECT_EQ(h.output(shares::key_of(h, "left")), "300");
  EXPECT_EQ(h.output(shares::key_of(h, "right")), "300");
  EXPECT_EQ(h.output(shares::key_of(h, "other")), "1");
  h.expect_at_rest();
}

TEST(SmallShares, GiveTheSlotOfAWorkflowToItsOthersOnly) {
  Harness h{shares::small_shares()};
  h.begin();
  h.define("narrow", shares::without_end, {.adopts = {}, .concurrency = 1});
  h.define("wide", shares::without_end);
  h.turn({h.create_input("narrow", "a"), h.create_input("narrow", "b"), h.create_input("wide", "c")});
  for (int i = 0; i < 40; ++i) h.turn();
  for (const char* id : {"a", "b", "c"}) EXPECT_GT(h.history(shares::key_of(h, id)).steps.size(), 50U) << id;
  std::size_t waits_of_wide = 0;
  for (const std::vector<Change>& group : h.store().groups()) {
    for (const Change& change : group) {
      const auto* advance = std::get_if<Advance>(&change);
      if (advance != nullptr && advance->leave && advance->key == shares::key_of(h, "c")) ++waits_of_wide;
    }
  }
  EXPECT_EQ(waits_of_wide, 0U) << "nobody waits for its slot";
}

TEST(SmallShares, KeepFewFramesOfThoseThatGaveTheirSlotsAway) {
  engine::ConductorOptions options = shares::small_shares();
  options.concurrency = 2;
  options.resident = 3;
  Harness h{options};
  h.begin();
  h.define("sleeps", shares::sleeps);
  engine::Input input = h.create_input("sleeps", "i-0");
  auto& batch = std::get<CreateBatch>(std::get<engine::Intake>(input).change);
  for (int i = 1; i < 20; ++i) batch.rows.push_back({.id = "i-" + std::to_string(i)});
  for (NewRow& row : batch.rows) row.params = "40";
  bool more = h.turn({std::move(input)});
  for (; more; more = h.turn()) EXPECT_LE(h.conductor().residents(), 6U);
  for (const InstanceRow& row : h.store().list({.limit = 100})) EXPECT_EQ(h.output(row.key), "40") << row.id;
  h.expect_at_rest();
}

TEST(SmallShares, ThatWereGivenAwayAreFoundAgainAfterACrash) {
  engine::ConductorOptions options = shares::small_shares();
  options.concurrency = 1;
  for (int turns = 0; turns < 12; ++turns) {
    Harness h{options};
    h.begin();
    h.define("sleeps", shares::sleeps);
    engine::Input left = h.create_input("sleeps", "left");
    engine::Input right = h.create_input("sleeps", "right");
    for (engine::Input* input : {&left, &right})
      std::get<CreateBatch>(std::get<engine::Intake>(*input).change).rows.front().params = "60";
    h.turn({std::move(left)});
    h.turn({std::move(right)});
    for (int i = 0; i < turns; ++i) h.turn();
    h.crash();
    h.give({});
    EXPECT_EQ(h.output(shares::key_of(h, "left")), "60") << turns;
    EXPECT_EQ(h.output(shares::key_of(h, "right")), "60") << turns;
    h.expect_at_rest();
  }
}

// ---------------------------------------------------------------------------------------------------------
// who rests, and who gives way

Task<int> naps_beside_a_step(Context& ctx, int count) {
  co_await all(ctx.step("slow", [] { return 1; }), shares::sleeps(ctx, count));
  co_await ctx.wait_for_event("go", {.type = "go"});
  co_return co_await ctx.step("last", [] { return 2; });
}

std::size_t running_in_the_store(const Harness& h) {
  const std::vector<InstanceRow> rows = h.store().plain().list({.limit = 1'000});
  return static_cast<std::size_t>(std::ranges::count(rows, Status::running, &InstanceRow::status));
}

// It rests when its result comes, comes to a wait in that turn, and another takes its slot. However much it
// has to do, it must not go on without one when its turn comes.
TEST(RestingShares, OfOneThatAResultTakesOnEndWithItsSlot) {
  for (int naps = 1; naps < 30; ++naps) {
    SCOPED_TRACE(naps);
    engine::ConductorOptions options = shares::small_shares();
    options.concurrency = 3;
    options.turn_share = 64;
    Harness h{options};
    h.begin();
    h.define("without_end", shares::without_end);
    h.define("quick", shares::quick);
    h.define("mixed", naps_beside_a_step);
    h.turn({h.create_input("without_end", "one")});
    h.turn({h.create_input("without_end", "two")});
    engine::Input mixed = h.create_input("mixed", "it");
    std::get<CreateBatch>(std::get<engine::Intake>(mixed).change).rows.front().params = std::to_string(naps);
    h.turn({std::move(mixed)});
    ASSERT_EQ(h.bodies().size(), 1U);
    const Key key = shares::key_of(h, "it");
    h.turn({h.take_result(), h.create_input("quick", "other"), Harness::event_input(key, "go")});
    for (int turns = 0; turns < 10; ++turns) {
      EXPECT_LE(running_in_the_store(h), 3U);
      h.turn();
    }
    h.give({h.control_input(shares::key_of(h, "one"), Command::terminate),
            h.control_input(shares::key_of(h, "two"), Command::terminate)});
    h.run_bodies();
    EXPECT_EQ(h.output(key), "2");
    h.expect_at_rest();
  }
}

Task<int> woken_after_a_record(Context& ctx, int count) {
  for (int i = 0; i < count; ++i) co_await ctx.sleep("nap", 0ms);
  co_await ctx.wait_for_event("go", {.type = "go"});
  for (int i = 0; i < 40; ++i) co_await ctx.sleep("more", 0ms);
  co_return count;
}

// Its frames are not kept when it gives way: it has come further by then, or it never would.
TEST(RestingShares, GiveWayWhenTheyHaveComeFurther) {
  for (int naps = 20; naps < 120; ++naps) {
    SCOPED_TRACE(naps);
    engine::ConductorOptions options = shares::small_shares();
    options.concurrency = 1;
    options.resident = 0;
    Harness h{options};
    h.begin();
    h.define("woken", woken_after_a_record);
    h.define("without_end", shares::without_end);
    const Key key = h.create("woken", "it", std::to_string(naps));
    h.move(1min);
    ASSERT_EQ(h.conductor().residents(), 0U);
    h.turn({h.create_input("without_end", "other")});
    h.turn({Harness::event_input(key, "go")});
    for (int turns = 0; turns < 200 && !is_finished(h.status(key)); ++turns) h.turn();
    EXPECT_EQ(h.status(key), Status::complete);
    h.terminate(shares::key_of(h, "other"));
    h.expect_at_rest();
  }
}

Task<int> gives_up_when_cut_off(Context& ctx, std::string name) {
  int fine = 0;
  try {
    fine = co_await ctx.step(name, {.crash_limit = 0}, [] { return 1; });
  } catch (const StepError&) {
    fine = 0;
  }
  co_return fine;
}

bool has_an_open_attempt(const StepRow& step) {
  return step.kind == StepKind::step && !step.ended_seq && !step.due;
}

// Whoever waits has nothing in flight, so what a crash cut off is recorded before.
TEST(RestingShares, GiveWayWhenAllAttemptsThatACrashCutOffAreRecorded) {
  engine::ConductorOptions options = shares::small_shares();
  options.concurrency = 1;
  Harness h{options};
  h.begin();
  h.define("without_end", shares::without_end);
  h.define("cut_off", [](Context& ctx) -> Task<int> {
    std::vector<Task<int>> branches;
    for (int i = 0; i < 60; ++i) branches.push_back(gives_up_when_cut_off(ctx, "s" + std::to_string(i)));
    const std::vector<int> fine = co_await all(std::move(branches));
    co_return std::accumulate(fine.begin(), fine.end(), 0);
  });
  const Key key = h.create("cut_off");
  ASSERT_EQ(h.bodies().size(), 60U);
  h.turn({h.create_input("without_end", "other")});
  h.crash_before_begin();
  bool more = h.turn({engine::Begin{}});
  for (int turns = 0; turns < 200 && more && !is_finished(h.status(key)); ++turns) {
    const bool open = std::ranges::any_of(h.history(key).steps, has_an_open_attempt);
    EXPECT_FALSE(h.status(key) == Status::waiting && open) << turns;
    more = h.turn();
  }
  EXPECT_EQ(h.output(key), "0");
  h.terminate(shares::key_of(h, "other"));
  h.expect_at_rest();
}

}  // namespace
}  // namespace cairn::testing
