// The write-ahead log: how large it gets, and that opening a file leaves it alone.

#include "tests/storage/store_fixture.hpp"

#include <cairn/open.hpp>
#include <cairn/store.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace cairn::testing {
namespace {

class LogTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return folder_ / "store.db"; }
  [[nodiscard]] std::size_t log_bytes() const {
    return static_cast<std::size_t>(std::filesystem::file_size(file().string() + "-wal"));
  }

 private:
  Folder folder_;
};

TEST_F(LogTest, OpeningTakesTheOwnershipInOneTransactionAndWritesNothingElse) {
  open_sqlite(file());
  const auto store = open_sqlite(file());
  constexpr std::size_t header = 32;
  constexpr std::size_t page_with_frame = 4096 + 24;
  EXPECT_EQ(log_bytes(), header + page_with_frame);
}

}  // namespace
}  // namespace cairn::testing
