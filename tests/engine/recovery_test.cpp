#include "tests/engine/harness.hpp"

#include <gmock/gmock.h>

#include <map>
#include <stdexcept>

namespace cairn::testing {
namespace {

class Recovery : public ConductorTest {};

Task<int> three_steps(Context& ctx) {
  int sum = 0;
  for (int i = 1; i <= 3; ++i) sum += co_await ctx.step("s", [i] { return i; });
  co_return sum;
}

Task<std::string> order(Context& ctx) {
  std::string charge = co_await ctx.step("charge", {.retries = {.delay = 1s}}, [](StepContext& step) {
    if (step.attempt() == 1) throw std::runtime_error("the bank is asleep");
    return std::string{"charged"};
  });
  co_await ctx.sleep("cooling-off", 24h);
  Event approval = co_await ctx.wait_for_event("approval", {.type = "approved"});
  std::string parcel = co_await ctx.step("ship", [] { return std::string{"shipped"}; });
  co_return charge + ", " + parcel + ", " + approval.payload.dump();
}

Task<std::string> fan_out(Context& ctx) {
  std::vector<int> numbers;
  for (int i = 0; i < 4; ++i) numbers.push_back(i);
  std::vector<int> squares = co_await ctx.map("square", numbers, [](int n) { return n * n; });
  std::string text;
  for (int square : squares) text += std::to_string(square) + " ";
  try {
    co_await ctx.step("fail", [] { throw NonRetryableError("refused"); });
  } catch (const StepError& error) {
    text += error.what();
  }
  co_return text;
}

Task<int> time_outs(Context& ctx) {
  int timed_out = 0;
  for (int i = 0; i < 2; ++i) {
    try {
      co_await ctx.wait_for_event("never", {.type = "never", .timeout = 10s});
    } catch (const TimeoutError&) {
      ++timed_out;
    }
    co_await ctx.step("note", [] {});
  }
  co_return timed_out;
}

struct Example {
  const char* name;
  const char* output;
};
constexpr Example examples[] = {{"three_steps", "6"},
                                {"order", R"("charged, shipped, true")"},
                                {"fan_out", R"("0 1 4 9 refused")"},
                                {"time_outs", "2"}};

void define_examples(Harness& h) {
  h.define("three_steps", three_steps);
  h.define("order", order);
  h.define("fan_out", fan_out);
  h.define("time_outs", time_outs);
}

// A host that asks again until it is answered. An event has no id yet, so it looks first.
class Host {
 public:
  Host() { define_examples(h); }

  void run(const std::string& workflow) {
    h.begin();
    Key key = 0;
    while (key == 0) key = h.create(workflow, "it");
    for (int rounds = 0; rounds < 30 && !is_finished(h.status(key)); ++rounds) {
      while (waits(key)) h.send(key, "approved", "true");
      h.finish(24h);
    }
    it = key;
  }

  Harness h;
  Key it = 0;

 private:
  bool waits(Key key) {
    for (const StepRow& step : h.history(key).steps) {
      if (step.name == "approval" && !step.ended_seq) return h.history(key).events.empty();
    }
    return false;
  }
};

std::size_t groups_of(const std::string& workflow) {
  Host host;
  host.run(workflow);
  return host.h.groups();
}

TEST_F(Recovery, EndsEveryExampleAlikeWhereverItCrashes) {
  for (const Example& example : examples) {
    const std::size_t groups = groups_of(example.name);
    ASSERT_GE(groups, 3U);
    for (const Mishap mishap : {Mishap::crash_before, Mishap::crash_after}) {
      for (std::size_t at = 0; at < groups; ++at) {
        SCOPED_TRACE(std::string{example.name} + ": " + to_string(mishap) + " at " + std::to_string(at));
        Host host;
        host.h.store().plan(mishap, at);
        host.run(example.name);
        EXPECT_TRUE(host.h.crashed());
        EXPECT_EQ(host.h.output(host.it), example.output);
        host.h.expect_at_rest();
      }
    }
  }
}

TEST_F(Recovery, EndsEveryExampleAlikeThroughManyCrashes) {
  for (const Example& example : examples) {
    for (std::size_t every = 1; every <= 3; ++every) {
      SCOPED_TRACE(std::string{example.name} + " every " + std::to_string(every));
      Host host;
      host.h.begin();
      while (host.it == 0) host.it = host.h.create(example.name, "it");
      for (int rounds = 0; rounds < 60 && !is_finished(host.h.status(host.it)); ++rounds) {
        host.h.store().plan(Mishap::crash_after, every);
        host.run(example.name);
      }
      EXPECT_EQ(host.h.output(host.it), example.output);
    }
  }
}

TEST_F(Recovery, RunsNoBodyAgainWhoseResultIsRecorded) {
  define_examples(h);
  const Key key = h.create("three_steps", "it");
  while (!is_finished(h.status(key))) {
    h.run_body();
    h.crash();
  }
  EXPECT_EQ(h.output(key), "6");
  const std::size_t ran = h.ran("it/s-1#1") + h.ran("it/s-2#1") + h.ran("it/s-3#1");
  EXPECT_EQ(ran, 1U) << "attempt 1 of the others was cut off before it ran";
  EXPECT_EQ(h.journal().size(), 3U);
}

TEST_F(Recovery, RecordsAnAttemptThatWasCutOff) {
  define_examples(h);
  const Key key = h.create("three_steps");
  h.crash();
  const StepRow step = h.step(key, "s-1");
  EXPECT_EQ(step.crashes, 1);
  EXPECT_EQ(step.attempt, 2);
  ASSERT_EQ(step.failures.size(), 1U);
  EXPECT_TRUE(step.failures[0].interrupted);
  EXPECT_EQ(step.failures[0].error->name, "WorkflowInternalError");
  ASSERT_EQ(h.bodies().size(), 1U) << "it runs again without a delay";
  EXPECT_EQ(h.bodies().front().attempt, 2);
}

TEST_F(Recovery, CountsCrashesApartFromFailures) {
  h.define("w", [](Context& ctx) -> Task<int> {
    co_return co_await ctx.step("s", {.retries = {.limit = 1, .delay = 10s}}, [](StepContext& step) {
      if (step.attempt() <= 3) throw std::runtime_error("no");
      return step.attempt();
    });
  });
  const Key key = h.create("w");
  h.crash();
  h.crash();
  ASSERT_EQ(h.bodies().front().attempt, 3);
  const Time failed = h.now();
  h.run_body();
  EXPECT_EQ(h.row(key).wake_at, failed + 10s) << "the first failure, whatever its number";
  h.move(10s);
  h.run_bodies();
  EXPECT_EQ(h.output(key), "4");
}

TEST_F(Recovery, GivesUpPastTheCrashLimit) {
  h.define("w", [](Context& ctx) -> Task<int> {
    co_return co_await ctx.step("s", {.crash_limit = 2}, [] { return 1; });
  });
  const Key key = h.create("w");
  h.crash();
  h.crash();
  EXPECT_EQ(h.status(key), Status::running);
  h.crash();
  EXPECT_EQ(h.status(key), Status::errored);
  EXPECT_EQ(h.error(key).name, "WorkflowInternalError");
  EXPECT_THAT(h.error(key).message, ::testing::HasSubstr("in flight at 3 crashes"));
  EXPECT_TRUE(h.bodies().empty());
}

TEST_F(Recovery, CostsNoWritesForWhatWasRunning) {
  Harness one{{.concurrency = 10}};
  define_examples(one);
  one.create_many("three_steps", 2'000);
  one.begin();
  one.crash_before_begin();
  const std::size_t before = one.groups();
  one.begin();
  EXPECT_EQ(one.groups() - before, 1U);
  EXPECT_EQ(one.store().groups().back().size(), 10U) << "those that begin again, and no others";
  one.finish();
  one.expect_at_rest();
}

TEST_F(Recovery, RunsAFewSuspectsAtATime) {
  Harness one{{.suspects = 2}};
  one.begin();
  define_examples(one);
  const std::vector<Key> keys = one.create_many("three_steps", 6);
  one.crash();
  EXPECT_EQ(one.bodies().size(), 6U) << "a crash may happen once";
  one.crash();
  EXPECT_EQ(one.bodies().size(), 2U);
  const std::vector<Key> others = one.create_many("three_steps", 3);
  EXPECT_EQ(one.bodies().size(), 5U) << "no slot is kept from those that are not suspected";
  one.finish();
  for (const Key key : keys) EXPECT_EQ(one.output(key), "6");
  for (const Key key : others) EXPECT_EQ(one.output(key), "6");
  one.expect_at_rest();
}

TEST_F(Recovery, FindsTheOnePoisonBodyBeforeTheInnocentAreUsedUp) {
  Harness one{{.suspects = 2}};
  one.begin();
  one.define("w", [](Context& ctx) -> Task<int> {
    co_return co_await ctx.step("s", {.crash_limit = 3}, [] { return 1; });
  });
  const std::vector<Key> keys = one.create_many("w", 20);
  const Key poison = keys[7];
  for (int rounds = 0; rounds < 50 && !is_finished(one.status(poison)); ++rounds) {
    const auto& bodies = one.bodies();
    const bool runs = std::ranges::any_of(bodies, [&](const auto& body) { return body.key == poison; });
    runs ? one.crash() : one.run_body();
  }
  one.finish();
  EXPECT_EQ(one.status(poison), Status::errored);
  for (const Key key : keys) {
    if (key != poison) {
      EXPECT_EQ(one.status(key), Status::complete) << key;
    }
  }
  one.expect_at_rest();
}

TEST_F(Recovery, LetsTheOtherSuspectsRunWhenOneIsTerminated) {
  for (const Command command : {Command::terminate, Command::pause, Command::restart}) {
    Harness one{{.suspects = 1}};
    one.begin();
    define_examples(one);
    const std::vector<Key> keys = one.create_many("three_steps", 5);
    one.crash();
    one.crash();
    ASSERT_EQ(one.bodies().size(), 1U);
    const Key running = one.bodies().front().key;
    for (const Key key : {keys[2], keys[4]}) {
      if (key != running) one.control(key, command);
    }
    one.finish();
    for (const Key key : {keys[0], keys[1], keys[3]}) EXPECT_EQ(one.status(key), Status::complete) << key;
    one.expect_at_rest();
  }
}

TEST_F(Recovery, HoldsNoSlotForASuspectThatIsHeldBack) {
  Harness one{{.concurrency = 3, .suspects = 1}};
  one.begin();
  define_examples(one);
  one.create_many("three_steps", 3);
  one.crash();
  one.crash();
  EXPECT_EQ(one.conductor().running(), 1U);
  one.create_many("three_steps", 2);
  EXPECT_EQ(one.bodies().size(), 3U);
  one.finish();
  one.expect_at_rest();
}

TEST_F(Recovery, ParksWhatItCannotReadAndGoesOnWithTheOthers) {
  h.define("w", [](Context& ctx) -> Task<int> {
    co_await ctx.sleep("nap", 1h);
    int one = co_await ctx.step("s", [] { return 1; });
    co_return one;
  });
  const Key damaged = h.create("w");
  const Key whole = h.create("w");
  const Advance damage{.key = damaged,
                       .enter = Cause::wake,
                       .starts = {{.started_seq = 5, .name = "s", .config = "{\"timeout\":"}},
                       .leave = Cause::wait,
                       .wake_at = h.now()};
  ASSERT_TRUE(std::get<Advanced>(h.store().apply_plain(damage, h.now())).continued);
  h.crash();
  EXPECT_EQ(h.status(damaged), Status::paused);
  EXPECT_EQ(h.error(damaged).name, "DamagedRecord");
  EXPECT_TRUE(h.send(damaged, "go").refused == std::nullopt) << "it may be mended, and resumed";
  h.finish();
  EXPECT_EQ(h.output(whole), "1");
}

// Nobody could say when it ends.
TEST_F(Recovery, ParksAWaitWhoseTimeTheRecordDoesNotTell) {
  h.define("w", [](Context& ctx) -> Task<int> {
    co_await ctx.sleep("nap", 1h);
    co_return 1;
  });
  const Key key = h.create("w");
  const StepStart wait{
      .started_seq = 5, .kind = StepKind::wait_for_event, .name = "wait", .event_type = "go", .at = h.now()};
  const Advance damage{
      .key = key, .enter = Cause::wake, .starts = {wait}, .leave = Cause::wait, .wake_at = h.now()};
  ASSERT_TRUE(std::get<Advanced>(h.store().apply_plain(damage, h.now())).continued);
  h.define("w", [](Context& ctx) -> Task<int> {
    co_await all(ctx.sleep("nap", 1h), ctx.wait_for_event("wait", {.type = "go"}));
    co_return 1;
  });
  h.crash();
  EXPECT_EQ(h.status(key), Status::paused);
  EXPECT_EQ(h.error(key).name, "DamagedRecord");
  EXPECT_NE(h.error(key).message.find("step \"wait-1\""), std::string::npos) << h.error(key).message;
}

TEST_F(Recovery, RunsOnlyWhatItsVersionsAreFor) {
  define_examples(h);
  h.define("w", [](Context& ctx) -> Task<int> {
    co_await ctx.sleep("nap", 1h);
    co_return 1;
  });
  const Key key = h.create("w");
  Harness other;
  h.define("w", [](Context&) -> Task<int> { co_return 2; }, {.version = "2", .adopts = {}});
  h.move(1h);
  EXPECT_EQ(h.output(key), "1") << "an instance belongs to the version that created it";
}

Task<void> two_waits(Context& ctx) {
  try {
    co_await ctx.wait_for_event("first", {.type = "other", .timeout = 1s});
  } catch (const TimeoutError&) {
  }
  co_await ctx.wait_for_event("second", {.type = "go", .timeout = 24h});
}

TEST_F(Recovery, AnEventThatCameWithTheWaitForItWakesTheInstanceAfterACrash) {
  h.define("two_waits", two_waits);
  const Key key = h.create("two_waits");
  h.pass(1s);
  // The event comes first, then the first wait times out and the second begins: all in one group.
  EXPECT_TRUE(h.turn({Harness::event_input(key, "go")}));
  h.crash();
  EXPECT_EQ(h.status(key), Status::complete);
}

}  // namespace
}  // namespace cairn::testing
