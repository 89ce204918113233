// Checkpoints that are made beside the writer.

#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/store.hpp"
#include "tests/storage/counting_vfs.hpp"
#include "tests/storage/store_fixture.hpp"

#include <cairn/store.hpp>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace cairn::testing {
namespace {

class BackgroundCheckpointTest : public ::testing::Test {
 protected:
  BackgroundCheckpointTest() {
    const std::vector<Change> define{Define{"orders", "1", "a", "b"}};
    defined_ = std::get<Defined>(store_.apply(define, at(1)).at(0));
  }

  // One instance more, of 8 KB.
  void write() {
    CreateBatch batch{
        .workflow = defined_.workflow, .version = defined_.version, .first_key = store_.ownership().next_key};
    batch.rows.push_back({std::to_string(++written_), "\"" + std::string(8'000, 'x') + "\"", {}});
    const std::vector<Change> group{batch};
    store_.apply(group, at(2));
  }

  void tidy() {
    try {
      store_.maintain(demand_);
    } catch (const Error& error) {
      failures_.push_back(error.code());
    }
  }

  // Writes and tidies up until `ends` says so, which it does within a few checkpoints.
  void write_until(const std::function<bool()>& ends) {
    for (int i = 0; i < 20'000; ++i) {
      write();
      tidy();
      if (ends()) return;
    }
    ADD_FAILURE() << "no end after " << written_ << " instances";
  }

  void call_all_the_time() { demand_ = Demand::busy; }

  [[nodiscard]] const std::vector<Errc>& failures() const { return failures_; }
  [[nodiscard]] std::size_t written() const { return static_cast<std::size_t>(written_); }
  [[nodiscard]] sqlite::SqliteStore& store() { return store_; }
  [[nodiscard]] CountingVfs& vfs() { return vfs_; }

  [[nodiscard]] std::filesystem::path file() const { return folder_ / "store.db"; }
  [[nodiscard]] std::size_t log_bytes() const {
    return static_cast<std::size_t>(std::filesystem::file_size(file().string() + "-wal"));
  }

 private:
  Folder folder_;
  CountingVfs vfs_;
  sqlite::SqliteStore store_{file(),
                             {.sqlite = {.wal_bytes_max = std::size_t{4} << 20},
                              .vfs = vfs_.name(),
                              .checkpoint_bytes = std::size_t{64} << 10}};
  Defined defined_;
  int written_ = 0;
  Demand demand_ = Demand::quiet;
  std::vector<Errc> failures_;
};

TEST_F(BackgroundCheckpointTest, MovesTheLogIntoTheFileWhileGroupsAreWritten) {
  const auto before = std::filesystem::file_size(file());
  write_until([&] { return std::filesystem::file_size(file()) > before + (std::size_t{1} << 20); });
  EXPECT_EQ(store().list({.limit = 100'000}).size(), written());
}

TEST_F(BackgroundCheckpointTest, DoesNotKeepTheLogFromBeginningAnew) {
  std::size_t longest = 0;
  bool is_anew = false;
  write_until([&] {
    const auto bytes = static_cast<std::size_t>(std::filesystem::file_size(file()));
    longest = std::max(longest, log_bytes());
    is_anew = bytes > 3 * longest && bytes > std::size_t{8} << 20;
    return is_anew;
  });
  EXPECT_TRUE(is_anew);
  EXPECT_EQ(store().list({.limit = 100'000}).size(), written());
  sqlite::Connection connection{{.path = file().string()}, sqlite::Role::reads};
  sqlite::Use check = connection.use("PRAGMA integrity_check");
  std::string found;
  ASSERT_TRUE(check.step());
  check.read(found);
  EXPECT_EQ(found, "ok");
  EXPECT_LE(longest, (std::size_t{4} << 20) + (std::size_t{64} << 10));
}

TEST_F(BackgroundCheckpointTest, IsReportedWhenItFailsAndLosesNothing) {
  std::atomic<bool> fails = true;
  vfs().set_judge([&](const CountingVfs::Call& call) {
    const bool moves = call.file == CountingVfs::File::database;
    if (!moves || call.operation != CountingVfs::Operation::sync || !fails) return SQLITE_OK;
    fails = false;
    return SQLITE_IOERR_FSYNC;
  });
  write_until([&] { return !failures().empty(); });
  EXPECT_EQ(failures(), std::vector{Errc::store_failed});
  write();
  EXPECT_EQ(store().list({.limit = 100'000}).size(), written());
  vfs().set_judge({});
}

// A reader of another program keeps the log from being read anew, so that a writer without its connection
// could not write. It begins where nothing of the log is in the file yet: a checkpoint moves no page that is
// younger than the oldest reader, and so might have nothing to do.
TEST_F(BackgroundCheckpointTest, ThatFailsLeavesTheWriterItsConnection) {
  std::atomic<int> refused = 0;
  vfs().set_judge([&](const CountingVfs::Call& call) {
    const bool moves = call.file == CountingVfs::File::database &&
                       call.operation == CountingVfs::Operation::write;
    return moves && ++refused > 0 ? SQLITE_FULL : SQLITE_OK;
  });
  write_until([&] { return !failures().empty(); });
  SQLite::Database reader{file().string()};
  SQLite::Statement rows{reader, "SELECT key FROM instance"};
  ASSERT_TRUE(rows.executeStep());
  const int refused_before = refused;
  write_until([&] { return refused > refused_before; });
  for (int i = 0; i < 10; ++i) write();
  EXPECT_EQ(failures().back(), Errc::store_failed);
  vfs().set_judge({});
  EXPECT_EQ(store().list({.limit = 100'000}).size(), written());
}

TEST_F(BackgroundCheckpointTest, ThatFailsIsTriedAgainOnceTheLogHasGrown) {
  call_all_the_time();
  std::atomic<bool> fails = true;
  std::atomic<int> refused = 0;
  vfs().set_judge([&](const CountingVfs::Call& call) {
    const bool moves = call.file == CountingVfs::File::database &&
                       call.operation == CountingVfs::Operation::write;
    return moves && fails && ++refused > 0 ? SQLITE_FULL : SQLITE_OK;
  });
  write_until([&] { return !failures().empty(); });
  const int refused_once = refused;
  tidy();
  EXPECT_EQ(refused, refused_once) << "not with every turn";
  EXPECT_EQ(failures().size(), 2U) << "and told until one has worked";
  fails = false;
  const auto before = std::filesystem::file_size(file());
  write_until([&] { return std::filesystem::file_size(file()) > before; });
  const auto is_over = [&] {
    const std::size_t told = failures().size();
    tidy();
    return failures().size() == told;
  };
  write_until(is_over);
  vfs().set_judge({});
}

TEST_F(BackgroundCheckpointTest, ThatFailsIsTriedAgainWhenAllIsQuiet) {
  std::atomic<bool> fails = true;
  vfs().set_judge([&](const CountingVfs::Call& call) {
    const bool moves = call.file == CountingVfs::File::database &&
                       call.operation == CountingVfs::Operation::write;
    return moves && fails ? SQLITE_FULL : SQLITE_OK;
  });
  write_until([&] { return !failures().empty(); });
  fails = false;
  const auto is_over = [&] {
    const std::size_t told = failures().size();
    tidy();
    return failures().size() == told;
  };
  int calls = 0;
  while (!is_over()) ASSERT_LT(++calls, 1'000) << "nothing is written, and it is told for ever";
  vfs().set_judge({});
}

// What a store does that finds no thread for its checkpoints: they keep the next group waiting.
class ForegroundCheckpointTest : public ::testing::Test {
 protected:
  static constexpr std::size_t checkpoint_bytes = std::size_t{64} << 10;

  ForegroundCheckpointTest() {
    const std::vector<Change> define{Define{"orders", "1", "a", "b"}};
    defined_ = std::get<Defined>(store_.apply(define, at(1)).at(0));
  }
  void write(int count) {
    CreateBatch batch{
        .workflow = defined_.workflow, .version = defined_.version, .first_key = store_.ownership().next_key};
    for (int i = 0; i < count; ++i)
      batch.rows.push_back({std::to_string(batch.first_key + i), "\"" + std::string(8'000, 'x') + "\"", {}});
    const std::vector<Change> group{batch};
    store_.apply(group, at(2));
  }
  // How often it is tidied up until there is no more to do; many for: without an end.
  int tidy_to_the_end() {
    int calls = 1;
    while (calls < 100 && store_.maintain(Demand::quiet)) ++calls;
    return calls;
  }

  Folder folder_;
  CountingVfs vfs_;
  sqlite::SqliteStore store_{
      folder_ / "store.db",
      {.vfs = vfs_.name(), .checkpoint_bytes = checkpoint_bytes, .background_checkpoints = false}};
  Defined defined_;
};

TEST_F(ForegroundCheckpointTest, ThatAReaderHoldsUpIsNotRepeatedBeforeTheLogHasGrown) {
  write(1);
  SQLite::Database reader{(folder_ / "store.db").string()};
  SQLite::Statement rows{reader, "SELECT key FROM instance"};
  ASSERT_TRUE(rows.executeStep());
  write(100);
  EXPECT_LT(tidy_to_the_end(), 10);
  std::atomic<int> moved = 0;
  vfs_.set_judge([&](const CountingVfs::Call& call) {
    const bool moves = call.file == CountingVfs::File::database &&
                       call.operation == CountingVfs::Operation::write;
    return moves && ++moved < 0 ? SQLITE_FULL : SQLITE_OK;
  });
  rows.reset();
  EXPECT_EQ(tidy_to_the_end(), 1);
  EXPECT_EQ(moved, 0) << "it has not grown";
  write(100);
  EXPECT_LT(tidy_to_the_end(), 10);
  EXPECT_GT(moved, 100);
  vfs_.set_judge({});
}

TEST_F(ForegroundCheckpointTest, ThatFailsIsToldUntilItWorksAndTriedAgainWhenAllIsQuiet) {
  std::atomic<bool> fails = true;
  vfs_.set_judge([&](const CountingVfs::Call& call) {
    const bool moves = call.file == CountingVfs::File::database &&
                       call.operation == CountingVfs::Operation::write;
    return moves && fails ? SQLITE_FULL : SQLITE_OK;
  });
  write(100);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THROW(store_.maintain(Demand::busy), Error);
    EXPECT_THROW(store_.maintain(Demand::quiet), Error);
  }
  fails = false;
  EXPECT_THROW(store_.maintain(Demand::busy), Error) << "nothing is tried while others call";
  EXPECT_LT(tidy_to_the_end(), 10);
  write(1);
  EXPECT_EQ(store_.list({.limit = 1'000}).size(), 101U);
  vfs_.set_judge({});
}

}  // namespace
}  // namespace cairn::testing
