// Who may own a file, under which names, and what the owner does when the file is taken from under it.

#include "tests/refusal.hpp"
#include "tests/storage/store_fixture.hpp"

#include <cairn/check.hpp>
#include <cairn/error.hpp>
#include <cairn/open.hpp>
#include <cairn/store.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class FileOwner : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path file() const { return folder_ / "orders.db"; }
  [[nodiscard]] fs::path beside(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] static std::unique_ptr<Store> open(const fs::path& name) {
    return open_sqlite(name, {.lock_wait = 10ms});
  }

  // One group more.
  static void write(Store& store) {
    const std::vector<Change> define{
        Define{"orders", std::to_string(store.ownership().commit_seq), "a", "b"}};
    store.apply(define, at(1'000));
  }

 private:
  Folder folder_;
};

TEST_F(FileOwner, IsOneUnderEveryNameOfTheFile) {
  auto store = open(file());
  fs::create_symlink(file(), beside("symlink.db"));
  fs::create_hard_link(file(), beside("hard.db"));
  fs::create_directory_symlink(file().parent_path(), beside("folder"));
  const std::vector<fs::path> names{file(),
                                    beside("symlink.db"),
                                    beside("hard.db"),
                                    beside("folder") / "orders.db",
                                    beside(".") / "folder" / "." / "orders.db",
                                    file().lexically_relative(fs::current_path())};
  for (const fs::path& name : names) {
    const auto [code, message] = refusal([&] { static_cast<void>(open(name)); });
    EXPECT_EQ(code, Errc::file_is_owned) << name;
    EXPECT_THAT(message, HasSubstr("this process")) << name;
  }
  write(*store);
  store.reset();
  for (const fs::path& name : names) write(*open(name));
}

TEST_F(FileOwner, IsNotAChildOfItsProcess) {
  const auto store = open(file());
  const std::int64_t before = store->ownership().commit_seq;
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      write(*store);
    } catch (const Error& error) {
      ::_exit(std::string{error.what()}.find("before a fork") != std::string::npos ? 0 : 1);
    }
    ::_exit(2);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  write(*store);
  EXPECT_EQ(store->ownership().commit_seq, before + 1);
}

TEST_F(FileOwner, WritesNothingToAFileThatWasMovedRemovedOrReplaced) {
  const auto store = open(file());
  const auto expect_refused = [&] {
    const auto [code, message] = refusal([&] { write(*store); });
    EXPECT_EQ(code, Errc::store_failed);
    EXPECT_THAT(message, HasSubstr("moved or replaced"));
  };
  fs::rename(file(), beside("moved.db"));
  expect_refused();
  fs::copy_file(beside("moved.db"), file());
  expect_refused();
  fs::remove(file());
  expect_refused();
  fs::rename(beside("moved.db"), file());
  write(*store);
}

// What another program does that locks the file by SQLite's own means, such as the sqlite3 shell.
class OtherProgram {
 public:
  explicit OtherProgram(const fs::path& file) {
    sqlite3_open_v2(file.c_str(), &database_, SQLITE_OPEN_READWRITE, nullptr);
    EXPECT_EQ(sqlite3_exec(database_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  }
  ~OtherProgram() { sqlite3_close(database_); }
  OtherProgram(const OtherProgram&) = delete;
  OtherProgram& operator=(const OtherProgram&) = delete;

 private:
  sqlite3* database_ = nullptr;
};

TEST_F(FileOwner, WaitsForAnotherProgramOnlySoLong) {
  const auto store = open(file());
  {
    const OtherProgram program{file()};
    EXPECT_EQ(refusal([&] { write(*store); }).first, Errc::store_failed);
    EXPECT_EQ(store->workflows().size(), 0U) << "reads go on";
  }
  write(*store);
  EXPECT_TRUE(check_file(file()).sound());
}

TEST_F(FileOwner, IsNobodyWhileAnotherProgramHoldsTheFile) {
  write(*open(file()));
  {
    const OtherProgram program{file()};
    EXPECT_EQ(refusal([&] { static_cast<void>(open(file())); }).first, Errc::store_failed);
  }
  write(*open(file()));
}

// Where no lock could keep another owner away, as on some network file systems, the epoch in the file does.
TEST_F(FileOwner, WritesNothingOnceALaterEpochStandsInTheFile) {
  const auto store = open(file());
  write(*store);
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "UPDATE owner SET epoch = epoch + 1", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  EXPECT_EQ(refusal([&] { write(*store); }).first, Errc::file_is_owned);
  EXPECT_EQ(store->versions(1).size(), 1U);
  EXPECT_EQ(refusal([&] { write(*store); }).first, Errc::file_is_owned) << "and so it stays";
}

TEST_F(FileOwner, MayBeBackedUpWhileItWrites) {
  const auto store = open(file());
  write(*store);
  sqlite3* from = nullptr;
  sqlite3* to = nullptr;
  ASSERT_EQ(sqlite3_open_v2(file().c_str(), &from, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
  ASSERT_EQ(sqlite3_open(beside("backup.db").c_str(), &to), SQLITE_OK);
  sqlite3_backup* backup = sqlite3_backup_init(to, "main", from, "main");
  // Each group in between makes it begin anew.
  for (int groups = 0; groups < 5; ++groups) {
    ASSERT_EQ(sqlite3_backup_step(backup, 5), SQLITE_OK);
    write(*store);
  }
  EXPECT_EQ(sqlite3_backup_step(backup, -1), SQLITE_DONE);
  EXPECT_EQ(sqlite3_backup_finish(backup), SQLITE_OK);
  sqlite3_close(from);
  sqlite3_close(to);
  EXPECT_TRUE(check_file(beside("backup.db")).sound());
  const auto restored = open(beside("backup.db"));
  EXPECT_LE(restored->ownership().commit_seq, store->ownership().commit_seq);
  write(*restored);
}

}  // namespace
}  // namespace cairn::testing
