// Space that deleted rows leave: used again by the next ones, or given back.

#include "tests/storage/store_fixture.hpp"

#include <cairn/open.hpp>
#include <cairn/store.hpp>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace cairn::testing {
namespace {

class SpaceTest : public ::testing::Test {
 protected:
  SpaceTest() {
    const std::vector<Change> define{Define{"orders", "1", "a", "b"}};
    defined_ = std::get<Defined>(store_->apply(define, at(1)).at(0));
  }

  // Instances of 8 KB that have ended and expired, swept away: 16 MB of the file are free then.
  void fill_and_sweep() {
    CreateBatch batch{.workflow = defined_.workflow,
                      .version = defined_.version,
                      .first_key = store_->ownership().next_key};
    std::vector<Change> group;
    for (int i = 0; i < 2'000; ++i) {
      batch.rows.push_back({std::to_string(batch.first_key + i),
                            "\"" + std::string(8'000, 'x') + "\"",
                            {.error = Duration{1}}});
      group.emplace_back(Control{.key = batch.first_key + i, .command = Command::terminate});
    }
    group.insert(group.begin(), std::move(batch));
    store_->apply(group, at(2));
    const std::vector<Change> sweep{Sweep{.limit = 2'000}};
    EXPECT_EQ(std::get<Swept>(store_->apply(sweep, at(100)).at(0)).instances, 2'000U);
  }

  // House-keeping until there is none, or until it has become clear that there will always be.
  void tidy(Demand demand) {
    for (int i = 0; i < 500 && store_->maintain(demand); ++i) {
    }
  }

  [[nodiscard]] std::uintmax_t bytes() const { return std::filesystem::file_size(file()); }

  // With the log, a page is in the file in the end.
  [[nodiscard]] std::uintmax_t bytes_after_closing() {
    store_.reset();
    return std::filesystem::file_size(file());
  }

  [[nodiscard]] std::filesystem::path file() const { return folder_ / "store.db"; }

 private:
  Folder folder_;

 protected:
  std::unique_ptr<Store> store_ = open_sqlite(file());
  Defined defined_;
};

constexpr std::uintmax_t mebibyte = 1U << 20;

TEST_F(SpaceTest, IsGivenBackWhenAllIsQuiet) {
  fill_and_sweep();
  tidy(Demand::quiet);
  EXPECT_FALSE(store_->maintain(Demand::quiet));
  EXPECT_LT(bytes_after_closing(), 6 * mebibyte);
}

TEST_F(SpaceTest, IsGivenBackToTheFileSystemWhileTheStoreIsOpen) {
  fill_and_sweep();
  store_.reset();  // so that all of it is in the file, and not in the log alone
  store_ = open_sqlite(file());
  fill_and_sweep();
  EXPECT_GT(bytes(), 15 * mebibyte);
  tidy(Demand::quiet);
  EXPECT_FALSE(store_->maintain(Demand::quiet));
  EXPECT_LT(bytes(), 6 * mebibyte);
}

// What was left by an owner that had no time for it.
TEST_F(SpaceTest, IsGivenBackByTheNextOwnerAsWell) {
  fill_and_sweep();
  store_.reset();
  store_ = open_sqlite(file());
  tidy(Demand::quiet);
  EXPECT_LT(bytes(), 6 * mebibyte);
}

// Somebody has put the file together anew, so that its pages cannot be moved.
TEST_F(SpaceTest, ThatCannotBeGivenBackIsNotTriedForEver) {
  store_.reset();
  SQLite::Database{file().string(), SQLite::OPEN_READWRITE}.exec("PRAGMA auto_vacuum = NONE; VACUUM");
  store_ = open_sqlite(file());
  fill_and_sweep();
  tidy(Demand::quiet);
  EXPECT_FALSE(store_->maintain(Demand::quiet)) << "nobody turns round and round";
  EXPECT_GT(bytes_after_closing(), 15 * mebibyte);
}

TEST_F(SpaceTest, IsGivenBackOnceTheReaderOfAnotherProgramHasGone) {
  fill_and_sweep();
  tidy(Demand::busy);
  {
    SQLite::Database reader{file().string()};
    SQLite::Statement rows{reader, "SELECT epoch FROM owner"};
    ASSERT_TRUE(rows.executeStep());
    tidy(Demand::quiet);
    EXPECT_FALSE(store_->maintain(Demand::quiet)) << "nobody turns round and round while it reads";
    EXPECT_GT(bytes(), 10 * mebibyte);
  }
  EXPECT_TRUE(store_->maintain(Demand::busy)) << "it is remembered";
  tidy(Demand::quiet);
  EXPECT_LT(bytes(), 6 * mebibyte);
}

TEST_F(SpaceTest, IsWaitedForByNobodyBehindAReaderThatHoldsALongLog) {
  fill_and_sweep();
  tidy(Demand::busy);
  SQLite::Database reader{file().string()};
  SQLite::Statement rows{reader, "SELECT epoch FROM owner"};
  ASSERT_TRUE(rows.executeStep());
  fill_and_sweep();  // more of the log than a checkpoint waits for
  tidy(Demand::quiet);
  EXPECT_FALSE(store_->maintain(Demand::quiet)) << "nobody turns round and round while it reads";
}

TEST_F(SpaceTest, IsKeptAndRememberedWhileOthersCall) {
  fill_and_sweep();
  tidy(Demand::busy);
  EXPECT_TRUE(store_->maintain(Demand::busy)) << "there is more to do, later";
  EXPECT_GT(bytes_after_closing(), 15 * mebibyte);
}

TEST_F(SpaceTest, IsUsedAgainByTheNextRows) {
  fill_and_sweep();
  for (int i = 0; i < 4; ++i) {
    fill_and_sweep();
    tidy(Demand::busy);
  }
  EXPECT_LT(bytes_after_closing(), 24 * mebibyte);
}

}  // namespace
}  // namespace cairn::testing
