#include "tests/engine/engine_fixture.hpp"
#include "tests/engine/watched_store.hpp"

#include <boost/asio/use_future.hpp>

#include <atomic>
#include <future>

// What an engine does when its store, its log sink or its host's code lets it down.
namespace cairn::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Trouble = StoreWatch::Trouble;

class FailureTest : public EngineTest {
 protected:
  std::unique_ptr<Store> watched() { return std::make_unique<WatchedStore>(open_memory(), watch); }

  // A workflow with one step that stops at the gate, and counts.
  Workflow<void, int> define_gated(Engine& engine) {
    return engine.define("gated", [this](Context& ctx) -> Task<int> {
      int run = co_await ctx.step("work", [this] {
        gate.pass();
        return ++runs;
      });
      co_return run;
    });
  }

  std::shared_ptr<StoreWatch> watch = std::make_shared<StoreWatch>();
  Gate gate;
  std::atomic<int> runs = 0;
};

TEST_F(FailureTest, WhatTheStoreRefusesDidNotHappen) {
  Engine engine{watched(), options()};
  auto workflow = engine.define("nap", nap);
  for (const bool started : {false, true}) {
    if (started) engine.start();
    watch->trouble(Trouble::refuses);
    const auto [code, message] = refusal([&] { workflow.create({.id = "a"}); });
    EXPECT_EQ(code, Errc::store_failed);
    EXPECT_THAT(message, HasSubstr("the disk is full"));
    EXPECT_EQ(refusal([&] { workflow.create_batch({{}}); }).first, Errc::store_failed);
    EXPECT_EQ(refusal([&] { engine.define("other", nap); }).first, Errc::store_failed);
    EXPECT_EQ(refusal([&] { engine.sweep(); }).first, Errc::store_failed);
    log->wait_for("the store failed: the disk is full");
    watch->trouble(Trouble::none);
    EXPECT_THAT(workflow.list().instances, IsEmpty());
  }
  engine.define("other", nap);
  workflow.create({.id = "a"});
}

TEST_F(FailureTest, AnUnknownOutcomeIsCalledSoAndTheSameIdsMayBeTriedAgain) {
  Engine engine{watched(), options()};
  auto workflow = engine.define("nap", nap);
  engine.start();
  const std::vector<NewInstance<void>> batch{{.id = "a"}, {.id = "b"}};
  for (const Trouble trouble : {Trouble::loses_commit, Trouble::loses_answer}) {
    watch->trouble(trouble);
    EXPECT_EQ(refusal([&] { workflow.create_batch(batch); }).first, Errc::outcome_unknown);
  }
  watch->trouble(Trouble::none);
  EXPECT_THAT(workflow.create_batch(batch).skipped, SizeIs(2));  // the second try had written them
  EXPECT_EQ(refusal([&] { workflow.create({.id = "a"}); }).first, Errc::instance_already_exists);
}

TEST_F(FailureTest, AnUnknownOutcomeOfACreationHasTheIdsToAskAgainWith) {
  Engine engine{watched(), options()};
  const auto workflow = engine.define("nap", nap);
  engine.start();
  const auto ids_of = [](const std::function<void()>& call) {
    try {
      call();
    } catch (const UnknownOutcome& unknown) {
      EXPECT_EQ(unknown.code(), Errc::outcome_unknown);
      return unknown.ids();
    }
    return std::vector<std::string>{};
  };
  watch->trouble(Trouble::loses_answer);
  const std::vector<std::string> one = ids_of([&] { workflow.create({}); });
  watch->trouble(Trouble::loses_answer);
  const std::vector<std::string> many = ids_of([&] { workflow.create_batch({{}, {.id = "b"}, {}}); });
  watch->trouble(Trouble::none);
  ASSERT_THAT(one, SizeIs(1));
  ASSERT_THAT(many, SizeIs(3));
  EXPECT_EQ(many[1], "b");
  EXPECT_EQ(refusal([&] { workflow.create({.id = one[0]}); }).first, Errc::instance_already_exists);
  std::vector<NewInstance<void>> again;
  for (const std::string& id : many) again.push_back({.id = id});
  EXPECT_THAT(workflow.create_batch(again).skipped, SizeIs(3));
  EXPECT_THAT(workflow.list().instances, SizeIs(4)) << "nothing was created twice";
}

TEST_F(FailureTest, ResultsOfBodiesAreKeptUntilTheStoreTakesThem) {
  Engine engine{watched(), options()};
  auto instance = define_gated(engine).create({});
  engine.start();
  gate.wait_for(1);
  watch->trouble(Trouble::refuses);
  gate.open();
  log->wait_for("the store failed");
  clock->advance(1s);
  watch->trouble(Trouble::none);
  clock->advance(1min);
  EXPECT_EQ(instance.wait(), 1);
  EXPECT_EQ(runs, 1);
}

TEST_F(FailureTest, ResultsThatMayHaveBeenWrittenAreWrittenAgain) {
  for (const Trouble trouble : {Trouble::loses_commit, Trouble::loses_answer}) {
    watch = std::make_shared<StoreWatch>();
    log = std::make_shared<Log>();
    Gate own;
    std::atomic<int> own_runs = 0;
    Engine engine{watched(), options()};
    auto instance = engine
                        .define("gated",
                                [&](Context& ctx) -> Task<int> {
                                  int run = co_await ctx.step("work", [&] {
                                    own.pass();
                                    return ++own_runs;
                                  });
                                  co_return run;
                                })
                        .create({});
    engine.start();
    own.wait_for(1);
    watch->trouble(trouble);
    own.open();
    log->wait_for("the store failed");
    watch->trouble(Trouble::none);
    clock->advance(1min);
    EXPECT_EQ(instance.wait(), 1);
    EXPECT_EQ(own_runs, 1);
  }
}

TEST_F(FailureTest, WhatTheStoreCannotReadIsAskedForAgain) {
  Engine engine{watched(), options()};
  auto workflow = engine.define("nap", nap);
  auto instance = workflow.create({.id = "a"});
  watch->trouble_reads(Trouble::refuses);
  engine.start();
  log->wait_for("the store failed: the disk does not answer");
  EXPECT_EQ(refusal([&] { static_cast<void>(instance.status()); }).first, Errc::store_failed);
  EXPECT_EQ(refusal([&] { static_cast<void>(instance.describe()); }).first, Errc::store_failed);
  EXPECT_EQ(refusal([&] { static_cast<void>(workflow.find("a")); }).first, Errc::store_failed);
  EXPECT_EQ(refusal([&] { static_cast<void>(workflow.list()); }).first, Errc::store_failed);
  EXPECT_EQ(refusal([&] { instance.wait(); }).first, Errc::store_failed);
  watch->trouble_reads(Trouble::none);
  clock->advance(1min);
  while (instance.status() != Status::waiting) std::this_thread::yield();
}

TEST_F(FailureTest, AStoreThatThrowsWhatItMustNotIsAnUnknownOutcome) {
  Engine engine{watched(), options()};
  auto workflow = engine.define("nap", nap);
  engine.start();
  watch->trouble(Trouble::throws_anything);
  EXPECT_EQ(refusal([&] { workflow.create({.id = "a"}); }).first, Errc::outcome_unknown);
  watch->trouble(Trouble::none);
  workflow.create({.id = "a"});
}

TEST_F(FailureTest, AFaultInsideTellsEverybodyAndEndsInOrder) {
  auto engine = std::make_unique<Engine>(watched(), options());
  auto naps = engine->define("nap", nap);
  auto instance = naps.create({});
  auto gated = define_gated(*engine).create({});
  engine->start();
  gate.wait_for(1);
  Crowd waiting{2, [&](std::size_t) { EXPECT_EQ(refusal([&] { instance.wait(); }).first, Errc::internal); }};
  std::future<void> awaited = instance.async_wait(boost::asio::use_future);
  waiting.wait_until_asleep();
  watch->trouble(Trouble::answers_nonsense);
  EXPECT_EQ(refusal([&] { naps.create({}); }).first, Errc::outcome_unknown);
  log->wait_for("a fault inside the engine");
  waiting.join();
  EXPECT_EQ(refusal([&] { awaited.get(); }).first, Errc::internal);
  EXPECT_EQ(refusal([&] { instance.wait(); }).first, Errc::internal) << "who comes later is told as well";
  EXPECT_EQ(refusal([&] { naps.create({}); }).first, Errc::internal);
  gate.open();
  engine.reset();
}

TEST_F(FailureTest, LosingTheStoreToAnotherOwnerEndsTheWork) {
  Engine engine{watched(), options()};
  auto naps = engine.define("nap", nap);
  auto instance = naps.create({});
  engine.start();
  Crowd waiting{
      1, [&](std::size_t) { EXPECT_EQ(refusal([&] { instance.wait(); }).first, Errc::engine_stopped); }};
  waiting.wait_until_asleep();
  watch->trouble(Trouble::loses_owner);
  EXPECT_EQ(refusal([&] { naps.create({}); }).first, Errc::file_is_owned);
  waiting.join();
  EXPECT_TRUE(engine.stop(1min));
}

TEST_F(FailureTest, ALogSinkThatThrowsLosesItsLine) {
  EngineOptions shouting = options();
  std::atomic<int> lines = 0;
  shouting.log = [&](LogLevel, std::string_view) {
    ++lines;
    throw std::runtime_error{"the log is full"};
  };
  Engine engine{watched(), shouting};
  auto workflow = engine.define("nap", nap);
  engine.start();
  watch->trouble(Trouble::refuses);
  EXPECT_EQ(refusal([&] { workflow.create({}); }).first, Errc::store_failed);
  watch->trouble(Trouble::none);
  workflow.create({});
  engine.stop(1min);
  EXPECT_GE(lines, 1);
}

}  // namespace
}  // namespace cairn::tests
