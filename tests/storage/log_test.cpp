// The write-ahead log: how large it gets, and that opening a file leaves it alone.

#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/store.hpp"
#include "tests/refusal.hpp"
#include "tests/storage/counting_vfs.hpp"
#include "tests/storage/store_fixture.hpp"

#include <cairn/check.hpp>
#include <cairn/open.hpp>
#include <cairn/store.hpp>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cairn::testing {
namespace {

using ::testing::HasSubstr;

class LogTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return folder_ / "store.db"; }
  [[nodiscard]] std::size_t log_bytes() const {
    return static_cast<std::size_t>(std::filesystem::file_size(file().string() + "-wal"));
  }

 private:
  Folder folder_;
};

// Creates one instance with 8 kB of params after the other.
class Filling {
 public:
  explicit Filling(Store& store) : store_{store} {
    const std::vector<Change> define{Define{"orders", "1", "a", "b"}};
    defined_ = std::get<Defined>(store.apply(define, at(1)).at(0));
  }
  void add() {
    CreateBatch batch{
        .workflow = defined_.workflow, .version = defined_.version, .first_key = store_.ownership().next_key};
    batch.rows.push_back({std::to_string(batch.first_key), "\"" + std::string(8'000, 'x') + "\"", {}});
    const std::vector<Change> group{batch};
    store_.apply(group, at(2));
  }

 private:
  Store& store_;
  Defined defined_;
};

constexpr std::size_t bound = std::size_t{128} << 10;

TEST_F(LogTest, StaysBelowItsBoundHoweverSmallThatIs) {
  constexpr std::size_t one_group = std::size_t{64} << 10;
  const auto store = open_sqlite(file(), {.wal_bytes_max = bound});
  Filling filling{*store};
  for (int i = 0; i < 100; ++i) {
    filling.add();
    ASSERT_LE(log_bytes(), bound + one_group);
  }
}

// The log cannot be emptied then, and what was found in it is not known to be on disk.
TEST_F(LogTest, ThatIsReadWhenACommitFailsLeavesTheOutcomeUnknownUntilTheReaderHasGone) {
  CountingVfs vfs;
  bool fails = false;  // outlives the store, which asks the judge to its end
  sqlite::SqliteStore store{file(), {.vfs = vfs.name()}};
  const auto write = [&] { store.apply(std::vector<Change>{Define{"orders", "1", "a", "b"}}, at(1)); };
  write();
  {
    SQLite::Database reader{file().string()};
    SQLite::Statement rows{reader, "SELECT name FROM workflow"};
    ASSERT_TRUE(rows.executeStep());
    fails = true;
    vfs.set_judge([&](const CountingVfs::Call& call) {
      const bool is_flush = call.file == CountingVfs::File::log &&
                            call.operation == CountingVfs::Operation::sync;
      return is_flush && std::exchange(fails, false) ? SQLITE_IOERR_FSYNC : SQLITE_OK;
    });
    const auto [code, message] = refusal(write);
    EXPECT_EQ(code, Errc::outcome_unknown);
    EXPECT_THAT(message, HasSubstr("reading back failed: the log is in use by another program"));
    EXPECT_EQ(refusal(write).first, Errc::store_failed) << "known: it was not begun";
  }
  write();
  const std::int64_t groups = store.ownership().commit_seq;
  EXPECT_TRUE(groups == 2 || groups == 3) << "with the one of which it was not known: " << groups;
  EXPECT_TRUE(check_file(file()).sound());
}

TEST_F(LogTest, IsComplainedOfWhileAReaderKeepsItFromBeginningAnew) {
  const auto store = open_sqlite(file(), {.wal_bytes_max = bound});
  Filling filling{*store};
  {
    SQLite::Database reader{file().string()};
    SQLite::Statement rows{reader, "SELECT key FROM instance UNION SELECT 0"};
    ASSERT_TRUE(rows.executeStep());
    EXPECT_TRUE(store->complaints().empty());
    for (int i = 0; i < 40; ++i) filling.add();
    const std::vector<Complaint> complaints = store->complaints();
    ASSERT_EQ(complaints.size(), 1U);
    EXPECT_EQ(complaints[0].code, "log_is_held");
    EXPECT_EQ(complaints[0].state, HealthState::degraded);
  }
  // A checkpoint in the background takes its time on a busy machine.
  for (int i = 0; i < 100'000 && !store->complaints().empty(); ++i) filling.add();
  EXPECT_TRUE(store->complaints().empty()) << "the reader has gone";
}

// Whoever asks how the store fares is not kept waiting by the disk.
TEST_F(LogTest, KeepsNobodyWaitingForTheHealthWhileItIsBegunAnew) {
  CountingVfs vfs;
  std::unique_ptr<Store> store;
  std::atomic<int> asked = 0;
  std::future<bool> told;  // ends after a wait in vain, and before the store
  const auto health = [&] {
    return store->due_at_once(at(3), 1).has_value() || !store->complaints().empty();
  };
  vfs.set_witness([&](const CountingVfs::Call& call, CountingVfs::Moment moment) {
    const bool is_begun_anew = call.file == CountingVfs::File::log &&
                               call.operation == CountingVfs::Operation::truncate;
    if (!store || !is_begun_anew || moment != CountingVfs::Moment::after || asked++ > 0) return;
    told = std::async(std::launch::async, health);
    const bool at_once = told.wait_for(std::chrono::seconds{10}) == std::future_status::ready;
    EXPECT_TRUE(at_once);
    if (!at_once) return;
    EXPECT_FALSE(told.get()) << "nothing is known, and there is nothing to complain of";
  });
  store = std::make_unique<sqlite::SqliteStore>(
      file(), sqlite::FileOptions{.sqlite = {.wal_bytes_max = bound}, .vfs = vfs.name()});
  Filling filling{*store};
  for (int i = 0; i < 30; ++i) filling.add();
  EXPECT_GT(asked, 0);
  EXPECT_TRUE(store->due_at_once(at(3), 1).has_value());
  if (told.valid()) told.wait();
  store.reset();
}

// The power fails while a checkpoint writes the first page: it is whole in the log.
TEST_F(LogTest, AFirstPageThatACheckpointLeftDamagedIsReadFromTheLog) {
  const std::vector<Change> define{Define{"orders", "1", "a", "b"}};
  const Folder after;
  {
    const auto store = open_sqlite(file());
    const auto defined = std::get<Defined>(store->apply(define, at(1)).at(0));
    // A file that grows says so on its first page.
    CreateBatch batch{.workflow = defined.workflow, .version = defined.version, .first_key = 1};
    for (int i = 0; i < 500; ++i)
      batch.rows.push_back({std::to_string(i), "\"" + std::string(100, 'x') + "\"", {}});
    store->apply(std::vector<Change>{batch}, at(2));
    for (const char* suffix : {"", "-wal"})
      std::filesystem::copy_file(file().string() + suffix, after / (std::string{"store.db"} + suffix));
  }
  std::fstream damaged{after / "store.db", std::ios::in | std::ios::out | std::ios::binary};
  damaged << std::string(512, '\x5a') << std::flush;
  const auto store = open_sqlite(after / "store.db");
  EXPECT_EQ(store->list({.limit = 1'000}).size(), 500U);
}

// A checkpoint in the background may end when its log has been emptied, or begun anew.
TEST_F(LogTest, HasNothingMovedOfWhatWasMovedOfTheLogBefore) {
  static_cast<void>(open_sqlite(file()));
  sqlite::Connection connection{{.path = file().string()}, sqlite::Role::writes};
  connection.execute("CREATE TABLE one (a)");
  const std::size_t log_before = connection.log().number;
  ASSERT_TRUE(connection.checkpoint(true));
  connection.execute("CREATE TABLE two (a)");
  connection.note_moved(connection.log().pages, log_before);
  EXPECT_EQ(connection.log().moved, 0U);
  connection.note_moved(connection.log().pages, connection.log().number);
  EXPECT_EQ(connection.log().moved, connection.log().pages);
}

TEST_F(LogTest, IsAnotherOneWhenItBeginsAnewAndIsAsLongAsTheOneBefore) {
  static_cast<void>(open_sqlite(file()));
  sqlite::Connection connection{{.path = file().string()}, sqlite::Role::writes};
  connection.execute("CREATE TABLE one (a)");
  ASSERT_TRUE(connection.checkpoint(true));
  connection.execute("INSERT INTO one VALUES (1)");
  const sqlite::LogExtent before = connection.log();
  ASSERT_TRUE(connection.checkpoint(false));
  connection.execute("INSERT INTO one VALUES (2)");
  EXPECT_EQ(connection.log().pages, before.pages);
  EXPECT_EQ(connection.log().number, before.number + 1);
  EXPECT_EQ(connection.log().moved, 0U);
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
