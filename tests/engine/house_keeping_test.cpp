#include "tests/engine/engine_fixture.hpp"
#include "tests/engine/untidy_store.hpp"

#include <cairn/health.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

// House-keeping of the store that fails keeps nobody from anything, and is told.
namespace cairn::tests {
namespace {

using ::testing::SizeIs;

class HouseKeeping : public EngineTest {
 protected:
  [[nodiscard]] Engine make() {
    return Engine{std::make_unique<UntidyStore>(open_memory(), failures), options()};
  }

  std::atomic<int> failures = 0;
};

// It is tried in every turn. That a turn's was tried is sure once the next call has its answer.
TEST_F(HouseKeeping, ThatFailsFillsNoLog) {
  Engine engine = make();
  auto naps = engine.define("nap", nap);
  engine.start();
  failures = 200;
  while (failures > 0) static_cast<void>(naps.create({}));
  for (int i = 0; i < 3; ++i) static_cast<void>(naps.create({}));
  log->wait_for("house-keeping works again");
  EXPECT_EQ(log->count("house-keeping failed, and is tried again later: the disk is full"), 1U);
  EXPECT_EQ(log->count("house-keeping works again"), 1U);
}

TEST_F(HouseKeeping, ThatFailsShowsInTheHealthUntilItWorks) {
  Engine engine = make();
  auto naps = engine.define("nap", nap);
  engine.start();
  failures = 1'000'000;
  for (int i = 0; i < 3; ++i) static_cast<void>(naps.create({}));
  const Health health = engine.health();
  EXPECT_EQ(health.state, HealthState::degraded);
  ASSERT_THAT(health.complaints, SizeIs(1));
  EXPECT_EQ(health.complaints[0].code, "house_keeping_failing");
  EXPECT_EQ(health.complaints[0].message, "the disk is full");
  failures = 0;
  for (int i = 0; i < 3; ++i) static_cast<void>(naps.create({}));
  EXPECT_EQ(engine.health().state, HealthState::ok);
}

// Tries again what has failed when all is quiet, and not with every turn.
class CautiousStore final : public testing::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  bool maintain(Demand demand) override {
    if (demand == Demand::quiet) fails_ = false;
    if (fails_) throw Error{Errc::store_failed, "the disk is full"};
    return false;
  }

 private:
  bool fails_ = true;
};

TEST_F(HouseKeeping, ThatFailsIsTriedAgainAfterAMinuteThoughNobodyCalls) {
  Engine engine{std::make_unique<CautiousStore>(open_memory()), options()};
  auto naps = engine.define("nap", nap);
  engine.start();
  for (int i = 0; i < 3; ++i) static_cast<void>(naps.create({}));
  ASSERT_EQ(engine.health().state, HealthState::degraded);
  clock->advance(1min);
  while (engine.health().state != HealthState::ok) std::this_thread::yield();
}

}  // namespace
}  // namespace cairn::tests
