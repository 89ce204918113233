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
