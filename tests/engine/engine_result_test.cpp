#include "tests/engine/engine_fixture.hpp"

#include <array>

// How a caller learns what an instance ended with: `wait`, `wait_for`, and who may not ask.
namespace cairn::tests {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ResultTest : public EngineTest {};

TEST_F(ResultTest, WaitGivesTheOutputAsOftenAsItIsAsked) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("twice", twice);
  engine.start();
  auto instance = workflow.create({.id = "a", .params = 4});
  EXPECT_EQ(instance.wait(), 8);
  EXPECT_EQ(instance.wait(), 8);
  EXPECT_EQ(workflow.get("a").wait_for(1min), 8);
  EXPECT_EQ(engine.workflow("twice").get("a").wait(), json(8));
}

TEST_F(ResultTest, AnEndedInstanceIsKnownWithoutWaiting) {
  Engine engine{open_memory(), options()};
  auto workflow = engine.define("twice", twice);
  engine.start();
  auto instance = workflow.create({.params = 4});
  instance.wait();
  EXPECT_EQ(instance.wait_for(0ms), 8);
}

TEST_F(ResultTest, ResultsAreThereBeforeStart) {
  {
    Engine engine{open_file(), options()};
    auto workflow = engine.define("twice", twice);
    engine.start();
    workflow.create({.id = "a", .params = 4}).wait();
  }
  Engine engine{open_file(), options()};
  EXPECT_EQ(engine.define("twice", twice).get("a").wait(), 8);
}

TEST_F(ResultTest, WaitingMayHaveALimit) {
  Engine engine{open_memory(), options()};
  auto instance = engine.define("nap", nap).create({});
  engine.start();
  const auto [code, message] = refusal([&] { instance.wait_for(1ms); });
  EXPECT_EQ(code, Errc::timed_out);
  EXPECT_THAT(message, HasSubstr("1 ms"));
  EXPECT_EQ(refusal([&] { instance.wait_for(0ms); }).first, Errc::timed_out);
  EXPECT_EQ(refusal([&] { instance.wait_for(-5ms); }).first, Errc::timed_out);
  EXPECT_EQ(refusal([&] { instance.wait_for(Duration::min()); }).first, Errc::timed_out);
}

TEST_F(ResultTest, AFailureIsThrownAsItIsRecorded) {
  Engine engine{open_memory(), options()};
  const StepOptions once{.retries = {.limit = 0}};
  auto steps = engine.define("steps", [once](Context& ctx) -> Task<int> {
    int never = co_await ctx.step("fail", once, []() -> int { throw std::runtime_error{"no money"}; });
    co_return never;
  });
  auto codes = engine.define("codes", [](Context& /*ctx*/) -> Task<int> {
    throw NonRetryableError{"no such account", "AccountError"};
    co_return 1;
  });
  engine.start();
  const auto expect = [](const Instance<int>& instance, const char* name, const char* message) {
    try {
      instance.wait();
      FAIL() << "nothing was thrown";
    } catch (const InstanceError& error) {
      EXPECT_EQ(error.status(), Status::errored);
      EXPECT_EQ(error.name(), name);
      EXPECT_STREQ(error.what(), message);
    }
    EXPECT_EQ(instance.describe().error->message, message);
  };
  expect(steps.create({}), "Error", "no money");
  expect(codes.create({}), "AccountError", "no such account");
}

TEST_F(ResultTest, TerminatedIsThrownToThoseWhoWaitAndToThoseWhoAskLater) {
  Engine engine{open_memory(), options()};
  auto instance = engine.define("nap", nap).create({});
  engine.start();
  const auto expect_terminated = [&] {
    try {
      instance.wait();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const InstanceError& error) {
      EXPECT_EQ(error.status(), Status::terminated);
      EXPECT_EQ(error.name(), "WorkflowTerminated");
      EXPECT_STREQ(error.what(), "the instance was terminated");
    }
  };
  Crowd waiting{2, [&](std::size_t) { expect_terminated(); }};
  waiting.wait_until_asleep();
  instance.terminate();
  waiting.join();
  expect_terminated();
}

TEST_F(ResultTest, ARestartKeepsThoseWhoWait) {
  Engine engine{open_memory(), options()};
  auto instance = engine.define("nap", nap).create({});
  engine.start();
  Crowd waiting{1, [&](std::size_t) { instance.wait(); }};
  waiting.wait_until_asleep();
  instance.restart();
  while (instance.status() != Status::waiting) std::this_thread::yield();
  clock->advance(2h);
  waiting.join();
  EXPECT_EQ(instance.describe().run, 2);
}

TEST_F(ResultTest, AWaitInsideABodyLendsItsWorker) {
  Engine engine{open_memory(), options(1)};
  std::optional<Workflow<int, int>> self;
  auto countdown = engine.define("countdown", [&](Context& ctx, int n) -> Task<int> {
    int below = co_await ctx.step("below",
                                  [&] { return n == 0 ? 0 : self->create({.params = n - 1}).wait(); });
    co_return below + n;
  });
  self = countdown;
  engine.start();
  EXPECT_EQ(countdown.create({.params = 8}).wait(), 36);
}

TEST_F(ResultTest, CallsThatWouldWaitAreRefusedInWorkflowCode) {
  Engine engine{open_memory(), options()};
  auto naps = engine.define("nap", nap);
  auto other = naps.create({.id = "other"});
  std::vector<Errc> codes;
  const auto collect = [&](const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      codes.push_back(error.code());
    }
  };
  auto nosy = engine.define("nosy", [&](Context& /*ctx*/) -> Task<void> {
    collect([&] { naps.create({}); });
    collect([&] { naps.create_batch({{}}); });
    collect([&] { static_cast<void>(naps.find("other")); });
    collect([&] { static_cast<void>(naps.list()); });
    collect([&] { static_cast<void>(other.status()); });
    collect([&] { static_cast<void>(other.describe()); });
    collect([&] { other.wait(); });
    collect([&] { other.wait_for(1ms); });
    collect([&] { other.send_event("type", {}); });
    collect([&] { other.pause(); });
    collect([&] { other.resume(); });
    collect([&] { other.terminate(); });
    collect([&] { other.restart(); });
    collect([&] { engine.define("another", nap); });
    collect([&] { engine.sweep(); });
    collect([&] { engine.start(); });
    collect([&] { engine.stop(0ms); });
    co_return;
  });
  engine.start();
  nosy.create({}).wait();
  EXPECT_THAT(codes, SizeIs(17));
  EXPECT_THAT(codes, Each(Errc::wrong_thread));
  EXPECT_THAT(naps.list().instances, SizeIs(1));
}

TEST_F(ResultTest, BodiesMayCallTheEngine) {
  Engine engine{open_memory(), options(1)};
  auto naps = engine.define("nap", nap);
  auto busy = engine.define("busy", [&](Context& ctx) -> Task<std::size_t> {
    std::size_t count = co_await ctx.step("call", [&] {
      auto one = naps.create({});
      naps.create_batch({{}, {}});
      one.send_event("type", {});
      one.pause();
      one.resume();
      one.terminate();
      one.restart();
      engine.sweep();
      return naps.list().instances.size();
    });
    co_return count;
  });
  engine.start();
  EXPECT_EQ(busy.create({}).wait(), 3U);
}

TEST_F(ResultTest, StoppingTellsThoseWhoWait) {
  Engine engine{open_memory(), options()};
  auto instance = engine.define("nap", nap).create({});
  engine.start();
  Crowd waiting{
      3, [&](std::size_t) { EXPECT_EQ(refusal([&] { instance.wait(); }).first, Errc::engine_stopped); }};
  waiting.wait_until_asleep();
  EXPECT_TRUE(engine.stop(1min));
  waiting.join();
}

}  // namespace
}  // namespace cairn::tests
