#include "storage/sqlite/store.hpp"
#include "tests/engine/engine_fixture.hpp"
#include "tests/engine/watched_store.hpp"
#include "tests/storage/counting_vfs.hpp"

#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <thread>

// Group commit: who commits, and what shares one commit.
namespace cairn::tests {
namespace {

using cairn::testing::CountingVfs;
using ::testing::SizeIs;

Task<int> three_steps(Context& ctx) {
  int one = co_await ctx.step("one", [] { return 1; });
  int two = co_await ctx.step("two", [&] { return one + 1; });
  int three = co_await ctx.step("three", [&] { return two + 1; });
  co_return three;
}

class GroupTest : public EngineTest {
 protected:
  std::unique_ptr<Store> watched(std::unique_ptr<Store> store = open_memory()) {
    return std::make_unique<WatchedStore>(std::move(store), watch);
  }

  // Holds a commit that a thread of its own asked for, lets `work` run in `size` threads until all of them
  // wait, and lets go.
  void behind_a_commit(const std::function<void()>& first, std::size_t size,
                       const std::function<void(std::size_t)>& work) {
    watch->forget_groups();
    watch->hold();
    Crowd leader{1, [&](std::size_t) { first(); }};
    watch->wait_until_held();
    Crowd callers{size, work};
    callers.wait_until_asleep();
    watch->release();
    leader.join();
    callers.join();
  }

  std::shared_ptr<StoreWatch> watch = std::make_shared<StoreWatch>();
};

TEST_F(GroupTest, AnIdleEngineCommitsOnTheCallersOwnThread) {
  Engine engine{watched(), options()};
  auto workflow = engine.define("nap", nap);
  for (const bool started : {false, true}) {
    if (started) engine.start();
    watch->forget_groups();
    workflow.create({});
    const auto groups = watch->groups();
    ASSERT_THAT(groups, SizeIs(1));
    EXPECT_EQ(groups[0].thread, std::this_thread::get_id());
  }
}

TEST_F(GroupTest, CallersThatCameDuringACommitShareTheNext) {
  constexpr std::size_t callers = 12;
  for (const bool started : {false, true}) {
    Engine engine{watched(), options()};
    auto workflow = engine.define("nap", nap);
    if (started) engine.start();
    behind_a_commit([&] { workflow.create({}); }, callers, [&](std::size_t) { workflow.create({}); });
    const auto groups = watch->groups();
    ASSERT_THAT(groups, SizeIs(2));
    const auto creations = std::ranges::count_if(
        groups[1].changes, [](const Change& change) { return std::holds_alternative<CreateBatch>(change); });
    EXPECT_EQ(creations, callers);
    EXPECT_THAT(workflow.list().instances, SizeIs(callers + 1));
  }
}

TEST_F(GroupTest, ARefusedCallLeavesItsNeighboursAlone) {
  Engine engine{watched(), options()};
  auto workflow = engine.define("nap", nap);
  workflow.create({.id = "taken"});
  behind_a_commit([&] { workflow.create({}); }, 4,
                  [&](std::size_t number) {
                    if (number % 2 == 0) {
                      EXPECT_EQ(refusal([&] { workflow.create({.id = "taken"}); }).first,
                                Errc::instance_already_exists);
                    } else {
                      workflow.create({.id = "new-" + std::to_string(number)});
                    }
                  });
  EXPECT_THAT(watch->groups(), SizeIs(2));
  EXPECT_TRUE(workflow.find("new-1"));
  EXPECT_TRUE(workflow.find("new-3"));
}

TEST_F(GroupTest, AWorkflowOfThreeStepsIsFourCommits) {
  Engine engine{watched(), options()};
  auto workflow = engine.define("three", three_steps);
  engine.start();
  workflow.create({}).wait();  // now the engine knows that nobody waits for a slot
  watch->forget_groups();
  EXPECT_EQ(workflow.create({}).wait(), 3);
  EXPECT_THAT(watch->groups(), SizeIs(4));
}

TEST_F(GroupTest, AGroupIsOneSyncOfTheLog) {
  CountingVfs vfs;
  Engine engine{watched(std::make_unique<sqlite::SqliteStore>(folder / "engine.db",
                                                              sqlite::FileOptions{.vfs = vfs.name()})),
                options()};
  auto workflow = engine.define("nap", nap);
  vfs.reset_counts();
  behind_a_commit([&] { workflow.create({}); }, 8, [&](std::size_t) { workflow.create({}); });
  EXPECT_THAT(watch->groups(), SizeIs(2));
  EXPECT_EQ(vfs.count(CountingVfs::File::log, CountingVfs::Operation::sync), 2);
}

// Finds, in the place of the first result, that the instance has been terminated meanwhile.
class ContraryStore final : public testing::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  std::vector<Outcome> apply(std::span<const Change> group, Time now) override {
    std::vector<Change> changes{group.begin(), group.end()};
    const auto result = std::ranges::find_if(changes, [](const Change& change) {
      const auto* advance = std::get_if<Advance>(&change);
      return advance != nullptr && !advance->results.empty();
    });
    if (result == changes.end() || has_refused_) return ForwardingStore::apply(group, now);
    has_refused_ = true;
    *result = Control{.key = std::get<Advance>(*result).key, .command = Command::terminate};
    std::vector<Outcome> outcomes = ForwardingStore::apply(changes, now);
    outcomes[static_cast<std::size_t>(result - changes.begin())] = Advanced{
        .recorded = false, .continued = false, .found = true, .status = Status::terminated};
    return outcomes;
  }

  // Behind that group, when those who were answered have been woken.
  bool maintain(Demand demand) override {
    if (has_refused_ && !std::exchange(has_told_, true)) on_refusal();
    return ForwardingStore::maintain(demand);
  }

  std::function<void()> on_refusal;

 private:
  bool has_refused_ = false;
  bool has_told_ = false;
};

// An event that is written in a turn of several callers, where the store refuses it. Gives the refusal that
// its sender was told; none, if the sender itself took that turn: which of those who wait takes the next one
// is the kernel's choice.
std::optional<Errc> refused_in_a_turn_of_another(Engine& engine, ContraryStore& store, StoreWatch& watch) {
  auto workflow = engine.define(
      "wait", [](Context& ctx) -> Task<void> { co_await ctx.wait_for_event("go", {.type = "go"}); });
  engine.start();
  auto waiting = workflow.create({});
  watch.hold();
  Crowd first{1, [&](std::size_t) { workflow.create({}); }};
  watch.wait_until_held();
  Crowd before{2, [&](std::size_t) { workflow.create({}); }};
  before.wait_until_asleep();
  std::thread::id sending;
  Errc told = {};
  Crowd sender{1, [&](std::size_t) {
                 sending = std::this_thread::get_id();
                 told = refusal([&] { waiting.send_event("go", 1); }).first;
               }};
  sender.wait_until_asleep();
  Crowd behind{2, [&](std::size_t) { workflow.create({}); }};
  behind.wait_until_asleep();
  bool led_itself = false;
  store.on_refusal = [&] {
    led_itself = std::this_thread::get_id() == sending;
    if (!led_itself) sender.wait_until_asleep();
  };
  watch.release();
  sender.join();
  before.join();
  behind.join();
  if (led_itself) return std::nullopt;
  return told;
}

// The answer comes with the turn after that, which is the last one.
TEST_F(GroupTest, ACallerWhoseAnswerComesATurnLaterIsToldThen) {
  constexpr int tries = 100;
  std::optional<Errc> told;
  for (int number = 0; number < tries && !told; ++number) {
    auto contrary = std::make_unique<ContraryStore>(open_memory());
    ContraryStore& store = *contrary;
    Engine engine{watched(std::move(contrary)), options()};
    told = refused_in_a_turn_of_another(engine, store, *watch);
  }
  EXPECT_EQ(told, Errc::cannot_send_event);
}

TEST_F(GroupTest, NobodyIsAnsweredBeforeTheCommitHasReturned) {
  Engine engine{watched(), options()};
  auto workflow = engine.define("nap", nap);
  engine.start();
  std::atomic<int> answered = 0;
  watch->hold();
  Crowd callers{3, [&](std::size_t) {
                  workflow.create({});
                  ++answered;
                }};
  watch->wait_until_held();
  callers.wait_until_asleep();
  EXPECT_EQ(answered, 0);
  watch->release();
  callers.join();
  EXPECT_EQ(answered, 3);
}

// Not started, there is no thread that would look after what nobody waits for.
TEST_F(GroupTest, WhatComesDuringACommitBeforeStartIsDoneByWhoeverCommits) {
  Engine engine{watched(), options()};
  auto workflow = engine.define("nap", nap);
  auto ended = workflow.create({});
  ended.terminate();
  watch->hold();
  Crowd leader{1, [&](std::size_t) { workflow.create({}); }};
  watch->wait_until_held();
  std::future<void> result = ended.async_wait(boost::asio::use_future);
  watch->release();
  EXPECT_THROW(result.get(), InstanceError);
}

}  // namespace
}  // namespace cairn::tests
