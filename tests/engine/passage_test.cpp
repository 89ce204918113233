#include "engine/threads/passage.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>
#include <thread>
#include <vector>

namespace cairn::engine {
namespace {

TEST(Passage, IsClosedWhenTheLastHasLeft) {
  Passage passage;
  std::optional<Passage::Inside> one{std::in_place, passage};
  std::optional<Passage::Inside> two{std::in_place, passage};
  ASSERT_TRUE(*one && *two);
  std::promise<void> closed;
  std::future<void> is_closed = closed.get_future();
  std::thread closing{[&] {
    passage.close();
    closed.set_value();
  }};
  while (Passage::Inside{passage}) std::this_thread::yield();  // until it has begun
  one.reset();
  EXPECT_EQ(is_closed.wait_for(std::chrono::milliseconds{1}), std::future_status::timeout);
  two.reset();
  closing.join();
  EXPECT_FALSE(Passage::Inside{passage});
  EXPECT_EQ(passage.missed_wakeups(), 0U);
}

// As a callback of the host does, which an engine calls on behalf of a call.
TEST(Passage, KeepsNobodyWaitingWhoEntersFromInsideWhileAnotherCloses) {
  Passage passage;
  std::optional<Passage::Inside> outer{std::in_place, passage};
  std::optional<Passage::Inside> inner{std::in_place, passage};
  EXPECT_TRUE(*inner);
  std::thread closing{[&] { passage.close(); }};
  while (Passage::Inside{passage}) std::this_thread::yield();
  EXPECT_FALSE(Passage::Inside{passage}) << "told at once, though another waits for this thread";
  inner.reset();
  outer.reset();
  closing.join();
}

TEST(Passage, LosesNobodyWhoEntersAndLeavesWhileItCloses) {
  constexpr int threads = 4;
  for (int round = 0; round < 50; ++round) {
    Passage passage;
    std::atomic<int> inside = 0;
    std::vector<std::thread> crowd;
    for (int i = 0; i < threads; ++i) {
      crowd.emplace_back([&] {
        for (;;) {
          const Passage::Inside here{passage};
          if (!here) return;
          ++inside;
          std::this_thread::yield();
          --inside;
        }
      });
    }
    std::this_thread::yield();
    passage.close();
    EXPECT_EQ(inside, 0);
    for (std::thread& thread : crowd) thread.join();
  }
}

}  // namespace
}  // namespace cairn::engine
