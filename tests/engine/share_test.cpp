#include "tests/engine/harness.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace cairn::testing {
namespace {

using ::testing::HasSubstr;

// Whoever never waits goes on in pieces: in every turn between, others have theirs.

Task<void> without_end(Context& ctx) {
  for (int i = 0; i >= 0; i = (i + 1) % 100) co_await ctx.sleep("again", 0ms);
}

Task<int> sleeps(Context& ctx, int count) {
  for (int i = 0; i < count; ++i) co_await ctx.sleep("nap", 0ms);
  co_return count;
}

Task<int> quick(Context& ctx) {
  co_return co_await ctx.step("s", [] { return 1; });
}

Key key_of(const Harness& h, const std::string& id) {
  for (const InstanceRow& row : h.store().list({.limit = 1'000'000})) {
    if (row.id == id) return row.key;
  }
  return 0;
}

std::size_t largest_group(const Harness& h) {
  std::size_t most = 0;
  for (const std::vector<Change>& group : h.store().groups()) most = std::max(most, group.size());
  return most;
}

// So that a few operations are many.
engine::ConductorOptions small_shares() {
  engine::ConductorOptions options;
  options.handful = 16;
  options.share = 64;
  options.turn_share = 256;
  options.spare = 100;  // places for all bodies at once
  return options;
}

class Shares : public ConductorTest {
 protected:
  void SetUp() override {
    ConductorTest::SetUp();
    h.define("without_end", without_end);
    h.define("sleeps", sleeps);
    h.define("quick", quick);
  }

  // Its create, and nothing of what it goes on to do.
  Key begin_without_end() {
    EXPECT_TRUE(h.turn({h.create_input("without_end", "it")})) << "it has more to do";
    return key_of(h, "it");
  }

  // While it goes on, others are created, run and end, each with the turns of an idle engine.
  void expect_others_to_go_on(Key key) {
    EXPECT_TRUE(h.turn({h.create_input("quick", "other")}));
    const Key other = key_of(h, "other");
    ASSERT_EQ(h.bodies().size(), 1U) << "it has begun in the group that made it";
    EXPECT_TRUE(h.turn({h.take_result(other)}));
    EXPECT_EQ(h.output(other), "1");
    EXPECT_FALSE(is_finished(h.status(key)));
  }
};

TEST_F(Shares, LetOthersGoOnBesideALoopThatNeverWaits) {
  const Key key = begin_without_end();
  for (int i = 0; i < 20; ++i) {
    const std::size_t before = h.history(key).steps.size();
    EXPECT_TRUE(h.turn());
    EXPECT_GT(h.history(key).steps.size(), before);
  }
  expect_others_to_go_on(key);
  EXPECT_LT(largest_group(h), 1'000U);
  h.terminate(key);
  EXPECT_EQ(h.status(key), Status::terminated);
  EXPECT_EQ(h.conductor().residents(), 0U);
}

TEST_F(Shares, OfALoopEndWithAPauseAndGoOnWithAResume) {
  const Key key = begin_without_end();
  h.pause(key);
  EXPECT_EQ(h.status(key), Status::paused);
  const std::size_t before = h.history(key).steps.size();
  h.turn({h.control_input(key, Command::resume)});
  EXPECT_TRUE(h.turn());
  EXPECT_GT(h.history(key).steps.size(), before);
  expect_others_to_go_on(key);
  h.terminate(key);
}

TEST_F(Shares, OfALoopEndWithTheEngine) {
  const Key key = begin_without_end();
  h.give({engine::Halt{}});
  EXPECT_EQ(h.conductor().residents(), 0U);
  EXPECT_FALSE(h.conductor().wants_turn());
  EXPECT_FALSE(is_finished(h.status(key)));
}

TEST_F(Shares, WaitForAStoreThatFails) {
  const Key key = begin_without_end();
  h.store().plan(Mishap::refused, 0, 1);
  h.give({});
  EXPECT_FALSE(is_finished(h.status(key)));
  const std::size_t before = h.history(key).steps.size();
  h.pass(1s);
  EXPECT_TRUE(h.turn({engine::Tick{}}));
  for (int i = 0; i < 10; ++i) h.turn();
  EXPECT_GT(h.history(key).steps.size(), before);
  h.terminate(key);
}

// Nothing suspends this one for good, and it asks for nothing.
Task<int> nothing(int value) {
  co_return value;
}

TEST_F(Shares, LetOthersGoOnBesideCodeThatAwaitsItsOwnPartsForEver) {
  h.define("parts", [](Context&) -> Task<int> {
    int sum = 0;
    for (;;) {
      int value = co_await nothing(1);
      sum = (sum + value) % 100;
    }
    co_return sum;
  });
  h.turn({h.create_input("parts", "it")});
  const Key key = key_of(h, "it");
  expect_others_to_go_on(key);
  h.terminate(key);
  EXPECT_EQ(h.conductor().residents(), 0U);
}

// It has begun with its batch, and has asked for nothing yet.
TEST_F(Shares, EndWithACreateThatIsRefusedOrFails) {
  h.define("parts", [](Context&) -> Task<int> {
    int sum = 0;
    for (;;) {
      int value = co_await nothing(1);
      sum = (sum + value) % 100;
    }
    co_return sum;
  });
  h.turn({h.create_input("parts", "it")});
  EXPECT_EQ(h.conductor().residents(), 1U);
  h.turn({h.create_input("parts", "it")});
  EXPECT_EQ(h.conductor().residents(), 1U);
  engine::Input whole = h.create_input("parts", "other");
  auto& batch = std::get<CreateBatch>(std::get<engine::Intake>(whole).change);
  batch.rows.push_back({.id = "it", .params = "{}"});
  batch.on_conflict = OnConflict::fail;
  h.turn({std::move(whole)});
  EXPECT_EQ(h.conductor().residents(), 1U);
  h.store().plan(Mishap::refused);
  h.turn({h.create_input("parts", "another")});
  EXPECT_EQ(h.conductor().residents(), 1U);
  h.terminate(key_of(h, "it"));
  h.move(1s);
  EXPECT_EQ(h.conductor().residents(), 0U);
}

TEST_F(Shares, LetOthersGoOnBesideCodeThatCatchesEveryRefusal) {
  h.define("stubborn", [](Context& ctx) -> Task<void> {
    for (int i = 0; i >= 0;) {
      try {
        co_await ctx.sleep("too long", std::chrono::hours{24 * 366});
      } catch (const std::exception&) {
        i = 0;
      }
    }
  });
  h.turn({h.create_input("stubborn", "it")});
  const Key key = key_of(h, "it");
  expect_others_to_go_on(key);
  h.terminate(key);
}

TEST(ManyShares, BoundATurnTogether) {
  Harness h;
  h.begin();
  h.define("without_end", without_end);
  engine::Input input = h.create_input("without_end", "i-0");
  auto& batch = std::get<CreateBatch>(std::get<engine::Intake>(input).change);
  for (int i = 1; i < 900; ++i) batch.rows.push_back({.id = "i-" + std::to_string(i), .params = "{}"});
  h.turn({std::move(input)});
  for (int i = 0; i < 10; ++i) h.turn();
  EXPECT_LT(largest_group(h), 5'000U);
  std::size_t begun = 0;
  for (const InstanceRow& row : h.store().list({.limit = 1'000})) begun += row.started ? 1 : 0;
  EXPECT_GT(begun, 800U) << "all have begun, though each has done little";
}

TEST_F(Shares, OfAStepThatFailsWithoutDelayAreATurnForEachAttempt) {
  h.define("failing", [](Context& ctx) -> Task<void> {
    co_await ctx.step("s", {.retries = {.limit = 50, .delay = 0ms}}, [] { throw std::runtime_error("no"); });
  });
  const Key key = h.create("failing");
  for (int attempt = 1; attempt <= 50; ++attempt) {
    ASSERT_EQ(h.bodies().size(), 1U);
    h.turn({h.take_result()});
    ASSERT_EQ(h.step(key, "s-1").failures.size(), static_cast<std::size_t>(attempt));
  }
  h.run_bodies();
  EXPECT_EQ(h.status(key), Status::errored);
}

// ------------------------------------------------------------------------------------------ what is due or
// buffered

Task<int> ticks(Context& ctx) {
  for (int i = 1; i <= 200; ++i) {
    const Time tick = ctx.created() + i * 1s;
    co_await ctx.sleep_until("tick", tick);
  }
  co_return 200;
}

TEST(SmallShares, TakeWhatIsLongOverdueInPieces) {
  Harness h{small_shares()};
  h.begin();
  h.define("ticks", ticks);
  h.define("quick", quick);
  const Key key = h.create("ticks");
  h.crash_before_begin();
  h.pass(24h);
  h.begin();
  EXPECT_EQ(h.output(key), "200");
  EXPECT_LE(largest_group(h), 12U);
  EXPECT_EQ(h.conductor().running(), 0U);
}

Task<std::string> all_events(Context& ctx) {
  std::string text;
  for (int i = 0; i < 60; ++i) {
    Event event = co_await ctx.wait_for_event("next", {.type = "go"});
    text += event.payload.dump() + " ";
  }
  co_return text;
}

TEST(SmallShares, TakeBufferedEventsInPiecesAndInTheirOrder) {
  for (const bool crashes : {false, true}) {
    Harness h{small_shares()};
    h.begin();
    h.define("all_events", all_events);
    const Key key = h.create("all_events");
    h.pause(key);
    std::string expected;
    for (int i = 0; i < 60; ++i) {
      h.send(key, "go", std::to_string(i));
      expected += std::to_string(i) + " ";
    }
    const std::size_t before = h.groups();
    if (crashes) {
      h.turn({h.control_input(key, Command::resume)});
      h.turn();
      h.turn();
      h.crash();
    } else {
      h.resume(key);
    }
    EXPECT_EQ(h.output(key), encode(expected));
    EXPECT_GT(h.groups() - before, 5U);
    EXPECT_LE(largest_group(h), 12U);
    h.expect_at_rest();
  }
}

TEST_F(Shares, OfLargeEventsBoundTheBytesOfAGroup) {
  h.define("all_events", all_events);
  const Key key = h.create("all_events");
  h.pause(key);
  const std::string payload = encode(std::string(400'000, 'x'));
  for (int i = 0; i < 60; ++i) h.send(key, "go", payload);
  const std::size_t before = h.groups();
  h.resume(key);
  EXPECT_EQ(h.status(key), Status::errored) << "its output is too large, and that is all";
  EXPECT_GE(h.groups() - before, 60U);
}

TEST(SmallShares, DeliverAnEventThatGoesStraightToItsWaitThoughTheTurnHasDoneMuch) {
  Harness h{small_shares()};
  h.begin();
  h.define("without_end", without_end);
  h.define("all_events", all_events);
  const Key key = h.create("all_events");
  std::vector<engine::Input> inputs;
  for (int i = 0; i < 20; ++i) inputs.push_back(h.create_input("without_end", "i-" + std::to_string(i)));
  for (int i = 0; i < 60; ++i) inputs.push_back(Harness::event_input(key, "go", "1"));
  h.turn(std::move(inputs));
  EXPECT_EQ(h.status(key), Status::complete);
  EXPECT_TRUE(h.history(key).events.empty());
}

// ----------------------------------------------------------------------------------------------------------
// replay

Task<int> long_record(Context& ctx) {
  int sum = 0;
  for (int i = 0; i < 100; ++i) {
    co_await ctx.sleep("nap", 0ms);
    sum += co_await ctx.step("s", [] { return 1; });
  }
  co_await ctx.wait_for_event("end", {.type = "go"});
  co_return sum;
}

TEST(SmallShares, ReplayALongRecordInPieces) {
  engine::ConductorOptions options = small_shares();
  options.resident = 0;
  Harness h{options};
  h.begin();
  h.define("long_record", long_record);
  h.define("quick", quick);
  const Key key = h.create("long_record");
  h.run_bodies();
  h.move(1min);
  ASSERT_EQ(h.conductor().residents(), 0U);
  EXPECT_TRUE(h.turn({Harness::event_input(key, "go")}));
  EXPECT_TRUE(h.turn());
  EXPECT_EQ(h.status(key), Status::waiting) << "nothing of it is written before it has been replayed";
  h.turn({h.create_input("quick", "other")});
  ASSERT_EQ(h.bodies().size(), 1U);
  h.turn({h.take_result()});
  EXPECT_EQ(h.output(key_of(h, "other")), "1");
  h.give({});
  EXPECT_EQ(h.output(key), "100");
  EXPECT_EQ(h.journal().size(), 101U) << "no body ran twice";
  h.expect_at_rest();
}

TEST(SmallShares, ReadFewLongRecordsInATurn) {
  for (const bool by_events : {false, true}) {
    engine::ConductorOptions options;
    options.rows = 100;
    options.resident = 0;
    Harness h{options};
    h.begin();
    h.define("w", [](Context& ctx) -> Task<int> {
      for (int i = 0; i < 39; ++i) co_await ctx.sleep("nap", 0ms);
      try {
        co_await ctx.wait_for_event("end", {.type = "go", .timeout = 1h});
      } catch (const TimeoutError&) {
        co_return 0;
      }
      co_return 1;
    });
    const std::vector<Key> keys = h.create_many("w", 300);
    h.move(1min);
    ASSERT_EQ(h.conductor().residents(), 0U);
    std::vector<engine::Input> inputs;
    if (by_events) {
      for (const Key key : keys) inputs.push_back(Harness::event_input(key, "go"));
    } else {
      h.pass(1h);
      inputs.emplace_back(engine::Tick{});
    }
    std::size_t before = h.store().histories();
    bool more = h.turn(std::move(inputs));
    EXPECT_LE(h.store().histories() - before, 200U);
    EXPECT_TRUE(more);
    while (more) {
      before = h.store().histories();
      more = h.turn();
      EXPECT_LE(h.store().histories() - before, 70U);
    }
    for (const Key key : keys) ASSERT_EQ(h.output(key), by_events ? "1" : "0");
    h.expect_at_rest();
  }
}

TEST(SmallShares, KeepAReplayThatIsPausedTerminatedOrHaltedHalfWay) {
  for (const Command command : {Command::pause, Command::terminate, Command::restart}) {
    engine::ConductorOptions options = small_shares();
    options.resident = 0;
    Harness h{options};
    h.begin();
    h.define("long_record", long_record);
    const Key key = h.create("long_record", "it");
    h.run_bodies();
    h.move(1min);
    h.turn({Harness::event_input(key, "go")});
    h.turn();
    h.control(key, command);
    if (command == Command::pause) {
      EXPECT_EQ(h.status(key), Status::paused);
      h.resume(key);
      EXPECT_EQ(h.output(key), "100");
      EXPECT_EQ(h.journal().size(), 100U);
    } else if (command == Command::restart) {
      h.run_bodies();
      EXPECT_EQ(h.row(key).run, 2);
      h.send(key, "go");
      EXPECT_EQ(h.output(key), "100");
    } else {
      EXPECT_EQ(h.status(key), Status::terminated);
    }
    h.expect_at_rest();
    EXPECT_EQ(h.conductor().residents(), 0U);
  }
}

// What asks for something new before the whole record has been replayed must not begin it: what follows may
// contradict the record.
TEST(SmallShares, BeginNothingBeforeTheWholeRecordHasBeenReplayed) {
  Harness h{small_shares()};
  h.begin();
  h.define("w", [](Context& ctx) -> Task<int> {
    for (int i = 0; i < 50; ++i) co_await ctx.sleep("nap", 0ms);
    co_await ctx.sleep("long", 1h);
    co_return 1;
  });
  const Key key = h.create("w");
  h.define("w", [](Context& ctx) -> Task<int> {
    auto many = [](Context& context) -> Task<int> {
      for (int i = 0; i < 50; ++i) co_await context.sleep("nap", 0ms);
      co_return 1;
    };
    auto [one, two] = co_await all(many(ctx), ctx.step("new", [] { return 2; }));
    co_return one + two;
  });
  h.crash();
  h.move(1h);
  EXPECT_EQ(h.status(key), Status::paused);
  EXPECT_EQ(h.error(key).name, "NonDeterminism");
  EXPECT_TRUE(h.bodies().empty());
  EXPECT_TRUE(h.journal().empty());
}

// --------------------------------------------------------------------------------------------------------
// fan-out

Task<int> wide(Context& ctx) {
  std::vector<int> numbers;
  for (int i = 0; i < 60; ++i) numbers.push_back(i);
  std::vector<int> squares = co_await ctx.map("n", numbers, [](int n) { return n * n; });
  int sum = 0;
  for (int i = 0; i < 60; ++i) sum += squares[static_cast<std::size_t>(i)] * (i + 1);
  co_return sum;
}

constexpr int wide_sum = 3'203'110;  // of n·n·(n+1) for n below 60

TEST(SmallShares, StartAWideFanInPieces) {
  Harness h{small_shares()};
  h.begin();
  h.define("wide", wide);
  EXPECT_TRUE(h.turn({h.create_input("wide", "it")}));
  EXPECT_GT(h.bodies().size(), 0U) << "the first ones run before the last one is asked for";
  EXPECT_LT(h.bodies().size(), 60U);
  const Key key = key_of(h, "it");
  h.finish();
  h.give({});
  EXPECT_EQ(h.output(key), std::to_string(wide_sum));
  for (const std::vector<Change>& group : h.store().groups()) {
    for (const Change& change : group) {
      if (const auto* advance = std::get_if<Advance>(&change)) {
        EXPECT_LE(advance->starts.size(), 20U);
      }
    }
  }
  h.expect_at_rest();
}

TEST(SmallShares, OfAWideFanEndRightWhereverItCrashes) {
  for (int turns = 0; turns < 16; ++turns) {
    for (const bool bodies : {false, true}) {
      SCOPED_TRACE(std::to_string(turns) + (bodies ? " with results" : ""));
      Harness h{small_shares()};
      h.begin();
      h.define("wide", wide);
      h.turn({h.create_input("wide", "it")});
      for (int i = 0; i < turns; ++i) {
        std::vector<engine::Input> inputs;
        if (bodies && !h.bodies().empty()) inputs.push_back(h.take_result());
        h.turn(std::move(inputs));
      }
      h.crash();
      h.finish();
      h.give({});
      EXPECT_EQ(h.output(key_of(h, "it")), std::to_string(wide_sum));
      h.expect_at_rest();
    }
  }
}

TEST(SmallShares, RecordManyAttemptsThatWereCutOffInPieces) {
  Harness h{small_shares()};
  h.begin();
  h.define("wide", wide);
  const Key key = h.create("wide");
  ASSERT_EQ(h.bodies().size(), 60U);
  const std::size_t before = h.groups();
  h.crash();
  ASSERT_EQ(h.bodies().size(), 60U);
  EXPECT_GT(h.groups() - before, 2U);
  h.finish();
  EXPECT_EQ(h.output(key), std::to_string(wide_sum));
  for (int i = 1; i <= 60; ++i) EXPECT_EQ(h.step(key, "n-" + std::to_string(i)).crashes, 1);
  h.expect_at_rest();
}

// ----------------------------------------------------------------------------------------------------------
// slots

TEST(SmallShares, GiveTheOnlySlotToWhoeverWaitsForIt) {
  engine::ConductorOptions options = small_shares();
  options.concurrency = 1;
  Harness h{options};
  h.begin();
  h.define("sleeps", sleeps);
  h.define("quick", quick);
  engine::Input left = h.create_input("sleeps", "left");
  engine::Input right = h.create_input("sleeps", "right");
  for (engine::Input* input : {&left, &right})
    std::get<CreateBatch>(std::get<engine::Intake>(*input).change).rows.front().params = "300";
  h.turn({std::move(left)});
  h.turn({std::move(right)});
  h.turn({h.create_input("quick", "other")});
  for (int turns = 0; turns < 10 && h.bodies().empty(); ++turns) h.turn();
  ASSERT_EQ(h.bodies().size(), 1U) << "what was created after them has its turn";
  EXPECT_FALSE(is_finished(h.status(key_of(h, "left"))));
  EXPECT_FALSE(is_finished(h.status(key_of(h, "right"))));
  h.run_bodies();
  h.give({});
  EXPECT_EQ(h.output(key_of(h, "left")), "300");
  EXPECT_EQ(h.output(key_of(h, "right")), "300");
  EXPECT_EQ(h.output(key_of(h, "other")), "1");
  h.expect_at_rest();
}

TEST(SmallShares, GiveTheSlotOfAWorkflowToItsOthersOnly) {
  Harness h{small_shares()};
  h.begin();
  h.define("narrow", without_end, {.adopts = {}, .concurrency = 1});
  h.define("wide", without_end);
  h.turn({h.create_input("narrow", "a"), h.create_input("narrow", "b"), h.create_input("wide", "c")});
  for (int i = 0; i < 40; ++i) h.turn();
  for (const char* id : {"a", "b", "c"}) EXPECT_GT(h.history(key_of(h, id)).steps.size(), 50U) << id;
  std::size_t waits_of_wide = 0;
  for (const std::vector<Change>& group : h.store().groups()) {
    for (const Change& change : group) {
      const auto* advance = std::get_if<Advance>(&change);
      if (advance != nullptr && advance->leave && advance->key == key_of(h, "c")) ++waits_of_wide;
    }
  }
  EXPECT_EQ(waits_of_wide, 0U) << "nobody waits for its slot";
}

TEST(SmallShares, KeepFewFramesOfThoseThatGaveTheirSlotsAway) {
  engine::ConductorOptions options = small_shares();
  options.concurrency = 2;
  options.resident = 3;
  Harness h{options};
  h.begin();
  h.define("sleeps", sleeps);
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
  engine::ConductorOptions options = small_shares();
  options.concurrency = 1;
  for (int turns = 0; turns < 12; ++turns) {
    Harness h{options};
    h.begin();
    h.define("sleeps", sleeps);
    engine::Input left = h.create_input("sleeps", "left");
    engine::Input right = h.create_input("sleeps", "right");
    for (engine::Input* input : {&left, &right})
      std::get<CreateBatch>(std::get<engine::Intake>(*input).change).rows.front().params = "60";
    h.turn({std::move(left)});
    h.turn({std::move(right)});
    for (int i = 0; i < turns; ++i) h.turn();
    h.crash();
    h.give({});
    EXPECT_EQ(h.output(key_of(h, "left")), "60") << turns;
    EXPECT_EQ(h.output(key_of(h, "right")), "60") << turns;
    h.expect_at_rest();
  }
}

// ------------------------------------------------------------------------------------------------------
// operations

engine::ConductorOptions few_operations(std::size_t operations) {
  engine::ConductorOptions options;
  options.limits.operations = operations;
  return options;
}

TEST(OperationLimit, CountsSleepsAsWell) {
  Harness h{few_operations(50)};
  h.begin();
  h.define("sleeps", sleeps);
  const Key fine = h.create("sleeps", "", "50");
  EXPECT_EQ(h.output(fine), "50");
  const Key over = h.create("sleeps", "", "51");
  EXPECT_EQ(h.status(over), Status::errored);
  EXPECT_EQ(h.error(over).name, "WorkflowInternalError");
  EXPECT_THAT(h.error(over).message, HasSubstr("limit of 50 operations in one run"));
  EXPECT_EQ(h.history(over).steps.size(), 50U);
  h.expect_at_rest();
}

TEST(OperationLimit, IsCaughtByNoCode) {
  Harness h{few_operations(50)};
  h.begin();
  h.define("stubborn", [](Context& ctx, std::string how) -> Task<void> {
    for (int i = 0; i >= 0;) {
      try {
        if (how == "sleep") co_await ctx.sleep("nap", 0ms);
        if (how == "refused") co_await ctx.sleep("", 0ms);
        if (how == "step") co_await ctx.step("s", [] {});
      } catch (...) {
        i = 0;
      }
    }
  });
  for (const char* how : {"sleep", "refused", "step"}) {
    const Key key = h.create("stubborn", "", encode(std::string{how}));
    h.run_bodies();
    EXPECT_EQ(h.status(key), Status::errored) << how;
    EXPECT_THAT(h.error(key).message, HasSubstr("50 operations")) << how;
  }
  h.expect_at_rest();
}

TEST(OperationLimit, EndsARunOnceItsBodiesHaveReturned) {
  Harness h{few_operations(50)};
  h.begin();
  h.define("w", [](Context& ctx) -> Task<void> {
    co_await all(ctx.step("slow", {.timeout = 48h}, [] {}), without_end(ctx));
  });
  const Key key = h.create("w");
  std::optional<detail::Ended> ended;
  h.watch(key, ended);
  EXPECT_EQ(h.status(key), Status::running);
  ASSERT_EQ(h.bodies().size(), 1U);
  EXPECT_TRUE(h.bodies().front().stop.stop_requested());
  h.move(1h);
  EXPECT_EQ(h.status(key), Status::running);
  h.run_body();
  EXPECT_EQ(h.status(key), Status::errored);
  EXPECT_TRUE(h.step(key, "slow-1").ended_seq) << "what the body did is recorded";
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->error.name, "WorkflowInternalError");
  h.expect_at_rest();
  EXPECT_EQ(h.conductor().residents(), 0U);
}

TEST(OperationLimit, RefusesNothingThatIsRecorded) {
  for (const bool steps : {false, true}) {
    engine::ConductorOptions options;
    (steps ? options.limits.steps : options.limits.operations) = 5;
    Harness before;
    before.begin();
    const auto code = [](Context& ctx) -> Task<int> {
      for (int i = 0; i < 20; ++i) co_await ctx.step("s", [] {});
      co_await ctx.sleep("nap", 1h);
      co_return 1;
    };
    before.define("w", code);
    const Key key = before.create("w");
    before.run_bodies();
    before.limit(options.limits);
    before.crash();
    before.move(1h);
    EXPECT_EQ(before.output(key), "1") << before.error(key).message;
    before.expect_at_rest();
  }
}

TEST(OperationLimit, BeginsAnewWithARestart) {
  Harness h{few_operations(50)};
  h.begin();
  h.define("sleeps", sleeps);
  const Key key = h.create("sleeps", "", "51");
  h.define("sleeps", [](Context& ctx, int) -> Task<int> { co_return co_await sleeps(ctx, 50); });
  h.restart(key);
  EXPECT_EQ(h.output(key), "50");
}

}  // namespace
}  // namespace cairn::testing
