#include <cairn/log.hpp>

#include <gtest/gtest.h>

namespace cairn {
namespace {

TEST(LogLevel, HasItsWord) {
  EXPECT_EQ(to_string(LogLevel::debug), "debug");
  EXPECT_EQ(to_string(LogLevel::info), "info");
  EXPECT_EQ(to_string(LogLevel::warning), "warning");
  EXPECT_EQ(to_string(LogLevel::error), "error");
  EXPECT_EQ(to_string(static_cast<LogLevel>(99)), "unknown");
}

}  // namespace
}  // namespace cairn
