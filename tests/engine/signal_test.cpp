#include "engine/threads/signal.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>
#include <utility>

namespace cairn::engine {
namespace {

TEST(Signal, WakesWhomItTells) {
  MissedWakeups missed = 0;
  Signal signal{missed};
  std::mutex mutex;
  bool ready = false;
  std::thread other{[&] {
    std::unique_lock lock{mutex};
    signal.wait(lock, [&] { return ready; });
  }};
  {
    const std::lock_guard lock{mutex};
    ready = true;
  }
  signal.tell_all();
  other.join();
  EXPECT_EQ(missed, 0U);
}

TEST(Signal, WakesByItsBoundWhomNobodyHasToldAndCountsIt) {
  MissedWakeups missed = 0;
  Signal signal{missed, std::chrono::milliseconds{5}};
  std::mutex mutex;
  bool ready = false;
  std::thread other{[&] {
    std::unique_lock lock{mutex};
    bool looked = false;
    signal.wait(lock, [&] { return std::exchange(looked, true) && ready; });
  }};
  {
    const std::lock_guard lock{mutex};
    ready = true;
  }
  other.join();
  EXPECT_EQ(missed, 1U);
}

TEST(Signal, GivesUpWhenTheTimeIsUpAndLooksMeanwhile) {
  MissedWakeups missed = 0;
  Signal signal{missed, std::chrono::milliseconds{1}};
  std::mutex mutex;
  std::unique_lock lock{mutex};
  int looks = 0;
  EXPECT_FALSE(signal.wait_for(lock, std::chrono::milliseconds{20}, [&] { return ++looks < 0; }));
  EXPECT_GT(looks, 2);
  EXPECT_EQ(missed, 0U);
  looks = 0;
  EXPECT_TRUE(signal.wait_for(lock, std::chrono::hours{1}, [&] { return ++looks == 3; }));
  EXPECT_EQ(missed, 1U);
}

TEST(Signal, DoesNotCountABoundThatFindsNothing) {
  MissedWakeups missed = 0;
  Signal signal{missed};
  std::mutex mutex;
  std::unique_lock lock{mutex};
  static_cast<void>(signal.sleep(lock, std::chrono::milliseconds{1}));
  EXPECT_EQ(missed, 0U);
}

}  // namespace
}  // namespace cairn::engine
