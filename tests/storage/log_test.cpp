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

TEST_F(LogTest, StaysBelowItsBoundHoweverSmallThatIs) {
  constexpr std::size_t bound = std::size_t{128} << 10;
  constexpr std::size_t one_group = std::size_t{64} << 10;
  const auto store = open_sqlite(file(), {.wal_bytes_max = bound});
  const std::vector<Change> define{Define{"orders", "1", "a", "b"}};
  const auto defined = std::get<Defined>(store->apply(define, at(1)).at(0));
  for (int i = 0; i < 100; ++i) {
    CreateBatch batch{
        .workflow = defined.workflow, .version = defined.version, .first_key = store->ownership().next_key};
    batch.rows.push_back({std::to_string(i), "\"" + std::string(8'000, 'x') + "\"", {}});
    const std::vector<Change> group{batch};
    store->apply(group, at(2));
    ASSERT_LE(log_bytes(), bound + one_group);
  }
}

TEST_F(LogTest, OpeningTakesTheOwnershipInOneTransactionAndWritesNothingElse) {
  static_cast<void>(open_sqlite(file()));
  const auto store = open_sqlite(file());
  constexpr std::size_t header = 32;
  constexpr std::size_t page_with_frame = 4096 + 24;
  EXPECT_EQ(log_bytes(), header + page_with_frame);
}

}  // namespace
}  // namespace cairn::testing
