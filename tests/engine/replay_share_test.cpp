#include "tests/engine/shares.hpp"

// Long records are replayed, and wide fans begun, in pieces.
namespace cairn::testing {
namespace {

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
  engine::ConductorOptions options = shares::small_shares();
  options.resident = 0;
  Harness h{options};
  h.begin();
  h.define("long_record", long_record);
  h.define("quick", shares::quick);
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
  EXPECT_EQ(h.output(shares::key_of(h, "other")), "1");
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
    engine::ConductorOptions options = shares::small_shares();
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
  Harness h{shares::small_shares()};
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
  Harness h{shares::small_shares()};
  h.begin();
  h.define("wide", wide);
  EXPECT_TRUE(h.turn({h.create_input("wide", "it")}));
  EXPECT_GT(h.bodies().size(), 0U) << "the first ones run before the last one is asked for";
  EXPECT_LT(h.bodies().size(), 60U);
  const Key key = shares::key_of(h, "it");
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
      Harness h{shares::small_shares()};
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
      EXPECT_EQ(h.output(shares::key_of(h, "it")), std::to_string(wide_sum));
      h.expect_at_rest();
    }
  }
}

TEST(SmallShares, RecordManyAttemptsThatWereCutOffInPieces) {
  Harness h{shares::small_shares()};
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

}  // namespace
}  // namespace cairn::testing
