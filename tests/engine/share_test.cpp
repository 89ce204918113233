#include "tests/engine/shares.hpp"

// Whoever never waits goes on in pieces: in every turn between, others have theirs.
namespace cairn::testing {
namespace {

class Shares : public ConductorTest {
 protected:
  void SetUp() override {
    ConductorTest::SetUp();
    h.define("without_end", shares::without_end);
    h.define("sleeps", shares::sleeps);
    h.define("quick", shares::quick);
  }

  // Its create, and nothing of what it goes on to do.
  Key begin_without_end() {
    EXPECT_TRUE(h.turn({h.create_input("without_end", "it")})) << "it has more to do";
    return shares::key_of(h, "it");
  }

  // While it goes on, others are created, run and end, each with the turns of an idle engine.
  void expect_others_to_go_on(Key key) {
    EXPECT_TRUE(h.turn({h.create_input("quick", "other")}));
    const Key other = shares::key_of(h, "other");
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
  EXPECT_LT(shares::largest_group(h), 1'000U);
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
  const Key key = shares::key_of(h, "it");
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
  h.terminate(shares::key_of(h, "it"));
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
  const Key key = shares::key_of(h, "it");
  expect_others_to_go_on(key);
  h.terminate(key);
}

TEST(ManyShares, BoundATurnTogether) {
  Harness h;
  h.begin();
  h.define("without_end", shares::without_end);
  engine::Input input = h.create_input("without_end", "i-0");
  auto& batch = std::get<CreateBatch>(std::get<engine::Intake>(input).change);
  for (int i = 1; i < 900; ++i) batch.rows.push_back({.id = "i-" + std::to_string(i), .params = "{}"});
  h.turn({std::move(input)});
  for (int i = 0; i < 10; ++i) h.turn();
  EXPECT_LT(shares::largest_group(h), 5'000U);
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
  Harness h{shares::small_shares()};
  h.begin();
  h.define("ticks", ticks);
  h.define("quick", shares::quick);
  const Key key = h.create("ticks");
  h.crash_before_begin();
  h.pass(24h);
  h.begin();
  EXPECT_EQ(h.output(key), "200");
  EXPECT_LE(shares::largest_group(h), 12U);
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
    Harness h{shares::small_shares()};
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
    EXPECT_LE(shares::largest_group(h), 12U);
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
  Harness h{shares::small_shares()};
  h.begin();
  h.define("without_end", shares::without_end);
  h.define("all_events", all_events);
  const Key key = h.create("all_events");
  std::vector<engine::Input> inputs;
  for (int i = 0; i < 20; ++i) inputs.push_back(h.create_input("without_end", "i-" + std::to_string(i)));
  for (int i = 0; i < 60; ++i) inputs.push_back(Harness::event_input(key, "go", "1"));
  h.turn(std::move(inputs));
  EXPECT_EQ(h.status(key), Status::complete);
  EXPECT_TRUE(h.history(key).events.empty());
}

}  // namespace
}  // namespace cairn::testing
