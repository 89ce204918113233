#include "storage/sqlite/read_pool.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace cairn::sqlite {
namespace {

using namespace std::chrono_literals;

TEST(ReadPool, ComplainsOfAPauseThatHasLastedForAMinute) {
  ReadPool pool{ConnectionOptions{.path = ":memory:"}, nullptr};
  EXPECT_FALSE(pool.complaint(std::chrono::steady_clock::now() + 1h));
  {
    const ReadPool::Pause pause{pool};
    const auto now = std::chrono::steady_clock::now();
    EXPECT_FALSE(pool.complaint(now));
    const auto complaint = pool.complaint(now + 1min);
    ASSERT_TRUE(complaint);
    EXPECT_EQ(complaint->state, HealthState::failed);
    EXPECT_EQ(complaint->code, "store_failing");
  }
  const ReadPool::Pause another{pool};
  EXPECT_FALSE(pool.complaint(std::chrono::steady_clock::now() + 59s)) << "two pauses are no long one";
}

}  // namespace
}  // namespace cairn::sqlite
