// Results of bodies come while the store is written, and there is no memory to hear them.

#include "engine/threads/inbox.hpp"
#include "tests/engine/scarce_memory.hpp"
#include "tests/forwarding_store.hpp"

#include <cairn/cairn.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <numeric>
#include <vector>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;

constexpr int bodies = 100;  // more than a thread that listens waits for

class HeldStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  std::vector<Outcome> apply(std::span<const Change> group, Time now) override {
    if (holds.exchange(false)) {
      entered.set_value();
      left.get_future().wait();
    }
    return ForwardingStore::apply(group, now);
  }

  std::atomic<bool> holds = false;
  std::promise<void> entered;
  std::promise<void> left;
};

struct Bodies {
  std::atomic<int> returned = 0;
  std::atomic<bool> open = false;

  int run(const StepContext& step) {
    starves = false;
    open.wait(false);
    if (step.attempt() > 1) return 1;
    if (++returned == bodies) returned.notify_all();
    starves = true;
    return 1;
  }
};

TEST(StarvedBodies, AreHeardByTheLeaderWhenNobodyElseHasMemoryForThem) {
  Bodies ran;
  auto held = std::make_unique<HeldStore>(open_memory());
  HeldStore& store = *held;
  Engine engine{std::move(held), {.workers = bodies}};
  const StepOptions retried{.retries = {.limit = 5, .delay = 1ms}};
  auto many = engine.define("many", [&](Context& ctx) -> Task<int> {
    const std::vector<int> elements(bodies);
    const auto body = [&ran](int, StepContext& step) { return ran.run(step); };
    const std::vector<int> ones = co_await ctx.map("one", retried, elements, body);
    co_return std::accumulate(ones.begin(), ones.end(), 0);
  });
  engine.start();
  auto instance = many.create({});
  store.holds = true;
  std::thread leader{[&] { engine.define("other", [](Context&) -> Task<void> { co_return; }); }};
  store.entered.get_future().wait();
  memory_is_scarce = true;
  ran.open = true;
  ran.open.notify_all();
  for (int now = ran.returned; now < bodies; now = ran.returned) ran.returned.wait(now);
  memory_is_scarce = false;
  store.left.set_value();
  leader.join();
  EXPECT_EQ(instance.wait_for(30s), bodies);
  EXPECT_EQ(engine.health().state, HealthState::ok);
}

TEST(StarvedBodies, FindTheRoomThatWasKeptForThem) {
  engine::Inbox inbox;
  constexpr std::size_t together = 100;
  for (int round = 0; round < 20; ++round) {
    inbox.expect(together / 2);
    inbox.expect(together / 2);
    memory_is_scarce = starves = true;
    for (std::size_t i = 0; i < together; ++i) inbox.put(engine::BodyDone{});
    memory_is_scarce = starves = false;
    inbox.expect(1);
    static_cast<void>(inbox.take_results(static_cast<std::size_t>(7 * round)));
    memory_is_scarce = starves = true;
    inbox.put(engine::BodyDone{});
    memory_is_scarce = starves = false;
  }
}

}  // namespace

}  // namespace cairn::testing
