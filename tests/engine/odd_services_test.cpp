#include "tests/engine/odd_host.hpp"
#include "tests/forwarding_store.hpp"

#include <atomic>
#include <thread>

// A clock, a random source and a store of the host's throw what nobody expects: an engine has to live with
// each.
namespace cairn::tests {
namespace {

using cairn::testing::odd_exceptions;
using cairn::testing::odd_name;
using cairn::testing::OddException;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class OddServices : public OddHost {};

// Raises when it is told to; else the manual clock.
class OddClock final : public Clock {
 public:
  OddClock(std::shared_ptr<Clock> clock, void (*raise)()) : clock_(std::move(clock)), raise_(raise) {}

  [[nodiscard]] Time now() const override {
    if (odd) raise_();
    return clock_->now();
  }
  [[nodiscard]] Duration uptime() const override {
    if (odd) raise_();
    return clock_->uptime();
  }
  void wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                  Time until) override {
    if (odd) {
      ++waits;
      lock.unlock();
      raise_();
    }
    clock_->wait_until(condition, lock, until);
  }

  std::atomic<bool> odd = false;
  std::atomic<int> waits = 0;

 private:
  const std::shared_ptr<Clock> clock_;
  void (*const raise_)();
};

TEST_P(OddServices, AClockLetsTimeStandStillUntilItWorksAgain) {
  EngineOptions with = options();
  const auto odd_clock = std::make_shared<OddClock>(clock, raise);
  with.clock = odd_clock;
  Engine engine{open_memory(), with};
  auto workflow = engine.define("twice", twice);
  auto naps = engine.define("nap", nap);
  odd_clock->odd = true;
  engine.start();
  while (odd_clock->waits == 0) std::this_thread::yield();
  auto nap = naps.create({});
  EXPECT_EQ(workflow.create({.params = 2}).wait(), 4);
  const Health health = engine.health();
  EXPECT_EQ(health.state, HealthState::degraded);
  ASSERT_THAT(health.complaints, SizeIs(1));
  EXPECT_EQ(health.complaints[0].code, "clock_failing");
  EXPECT_TRUE(cairn::testing::is_recordable(health.complaints[0].message));
  odd_clock->odd = false;
  while (engine.health().state != HealthState::ok) clock->advance(1h);
  while (!is_finished(nap.status())) clock->advance(1h);
}

class OddRandom final : public RandomSource {
 public:
  explicit OddRandom(void (*raise)()) : raise_(raise) {}
  Uuid bytes() override {
    if (odd) raise_();
    return seeded_.bytes();
  }
  std::atomic<bool> odd = false;

 private:
  SeededRandom seeded_{1};
  void (*const raise_)();
};

TEST_P(OddServices, ARandomSourceRefusesTheCallThatNeedsAnId) {
  EngineOptions with = options();
  const auto random = std::make_shared<OddRandom>(raise);
  with.random = random;
  Engine engine{open_memory(), with};
  auto workflow = engine.define("twice", twice);
  engine.start();
  random->odd = true;
  EXPECT_TRUE(throws([&] { workflow.create({.params = 1}); }));
  EXPECT_TRUE(throws([&] { workflow.create_batch({{.id = "a"}, {}}); }));
  EXPECT_TRUE(throws([&] { engine.define("other", twice); }));
  EXPECT_THAT(workflow.list().instances, IsEmpty());
  EXPECT_EQ(workflow.create({.id = "b", .params = 1}).wait(), 2);
  random->odd = false;
  engine.define("other", twice);
  EXPECT_EQ(workflow.create({.params = 2}).wait(), 4);
}

// -------------------------------------------------------------------------------------------------- store

// A store of the host's that raises in each of its functions while it is told to.
class OddStore final : public cairn::testing::ForwardingStore {
 public:
  OddStore(void (*raise)(), std::shared_ptr<std::atomic<bool>> odd)
      : ForwardingStore(open_memory()), raise_(raise), odd_(std::move(odd)) {}

  std::vector<Outcome> apply(std::span<const Change> group, Time now) override {
    if (*odd_) raise_();
    return ForwardingStore::apply(group, now);
  }
  bool maintain(Demand demand) override {
    if (*odd_) raise_();
    return ForwardingStore::maintain(demand);
  }
  [[nodiscard]] std::vector<Complaint> complaints() const override {
    if (*odd_) raise_();
    return ForwardingStore::complaints();
  }

 private:
  [[nodiscard]] const Store& read() const override {
    if (*odd_) raise_();
    return ForwardingStore::read();
  }

  void (*const raise_)();
  const std::shared_ptr<std::atomic<bool>> odd_;
};

TEST_P(OddServices, AStoreRefusesAndTheEngineGoesOnAfterwards) {
  if (GetParam().lacks_memory) GTEST_SKIP() << "a lack of memory is another failure";
  const auto odd = std::make_shared<std::atomic<bool>>(false);
  EngineOptions sweeping = options();
  sweeping.sweep_interval = 1min;
  Engine engine{std::make_unique<OddStore>(raise, odd), sweeping};
  auto workflow = engine.define("twice", twice);
  auto naps = engine.define("nap", nap);
  auto sleeper = naps.create({});
  engine.start();
  while (sleeper.status() != Status::waiting) std::this_thread::yield();
  clock->advance(1min);  // its frames are given up
  *odd = true;
  expect_refused([&] { workflow.create({.params = 1}); });
  expect_refused([&] { static_cast<void>(workflow.find("a")); });
  expect_refused([&] { static_cast<void>(workflow.list()); });
  expect_refused([&] { static_cast<void>(sleeper.status()); });
  expect_refused([&] { static_cast<void>(sleeper.describe()); });
  expect_refused([&] { sleeper.send_event("go", 1); });
  EXPECT_EQ(engine.health().state, HealthState::failed);
  clock->advance(2h);  // its record is read, and a sweep begun, in vain
  *odd = false;
  while (!is_finished(sleeper.status()))
    clock->advance(1s);  // also when what failed last has only now failed
  EXPECT_EQ(workflow.create({.params = 2}).wait(), 4);
}

INSTANTIATE_TEST_SUITE_P(Odd, OddServices, ::testing::ValuesIn(odd_exceptions()),
                         odd_name<::testing::TestParamInfo<OddException>>);

}  // namespace
}  // namespace cairn::tests
