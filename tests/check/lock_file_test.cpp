// What the lock file beside a database says of it.

#include "tests/check/damaged_file.hpp"
#include "tests/storage/store_fixture.hpp"

#include <cairn/check.hpp>
#include <cairn/error.hpp>
#include <cairn/open.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace cairn::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class LockFileTest : public ::testing::Test {
 protected:
  static constexpr int groups = 20;

  // What an owner has left that was killed behind so many groups.
  LockFileTest() {
    const auto owner = open_sqlite(folder_ / "orders.db");
    for (int group = 0; group < groups; ++group) write(*owner);
    for (const char* suffix : {"", "-wal", ".lock"})
      fs::copy_file(folder_ / "orders.db" += suffix, folder_ / "left.db" += suffix);
  }

  [[nodiscard]] fs::path file() const { return folder_ / "left.db"; }
  [[nodiscard]] fs::path log() const { return folder_ / "left.db-wal"; }
  [[nodiscard]] fs::path lock() const { return folder_ / "left.db.lock"; }

  // One group more.
  static void write(Store& store) {
    const std::vector<Change> define{
        Define{"orders", std::to_string(store.ownership().commit_seq), "a", "b"}};
    store.apply(define, at(1'000));
  }

  // The one finding, by the rule for it; empty: none.
  [[nodiscard]] std::string finding() const {
    const CheckReport report = check_file(file());
    if (report.sound()) return {};
    EXPECT_THAT(report.findings, SizeIs(1)) << text(report);
    EXPECT_EQ(report.findings[0].rule, "acknowledged");
    EXPECT_EQ(report.findings[0].subject, "");
    return report.findings[0].what;
  }
  [[nodiscard]] std::string refused() const {
    try {
      static_cast<void>(open_sqlite(file()));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Errc::not_a_cairn_file);
      return error.what();
    }
    return {};
  }

  Folder folder_;
};

TEST_F(LockFileTest, OfAKilledOwnerTellsThatItsLogIsMissing) {
  EXPECT_EQ(finding(), "") << "with its log";
  fs::remove(log());
  const std::string what =
      "holds less than was acknowledged (group 0 of 20): its owner was killed, or could not "
      "close it, and its log " +
      log().string() + " is missing: put it back";
  EXPECT_THAT(finding(), AllOf(HasSubstr(what), HasSubstr("remove " + lock().string())));
  EXPECT_THAT(refused(), HasSubstr(what)) << "an engine says the same";
  std::ofstream{log()};
  EXPECT_THAT(finding(), HasSubstr(what)) << "an empty log is none";
}

TEST_F(LockFileTest, OfAKilledOwnerTellsThatItsLogWasCut) {
  fs::resize_file(log(), fs::file_size(log()) / 2);
  EXPECT_THAT(finding(),
              AllOf(HasSubstr("holds less than was acknowledged"), HasSubstr("do not belong together")));
  EXPECT_THAT(refused(), HasSubstr("do not belong together"));
}

TEST_F(LockFileTest, SaysNothingOfACopyThatHasNone) {
  fs::remove(log());
  fs::remove(lock());
  EXPECT_EQ(finding(), "");
}

TEST_F(LockFileTest, SaysNothingWhereAllWasMovedIntoTheFile) {
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "SELECT count(*) FROM owner", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  ASSERT_FALSE(fs::exists(log()));
  EXPECT_EQ(finding(), "");
}

TEST_F(LockFileTest, SaysNothingOfAnyCopyInPlaceOfAFileThatWasClosed) {
  const fs::path backup = folder_ / "backup.db";
  fs::copy_file(file(), backup);
  write(*open_sqlite(file()));
  EXPECT_EQ(finding(), "");
  fs::copy_file(backup, file(), fs::copy_options::overwrite_existing);
  EXPECT_EQ(finding(), "");
}

TEST_F(LockFileTest, TellsWhatHadBecomeOfTheFileWhenItsOwnerEnded) {
  fs::remove(log());
  const auto said = [&](const std::string& line) {
    std::ofstream{lock(), std::ios::trunc} << "4711      \n" << line << '\n';
    const std::string what = finding();
    EXPECT_NE(refused(), "") << "by an engine: " << line;
    return what;
  };
  EXPECT_THAT(said("moved                      42"), HasSubstr("(group 0 of 42): it was moved or replaced"));
  EXPECT_THAT(said("removed                    42"),
              HasSubstr("(group 0 of 42): it was removed or replaced"));
  EXPECT_THAT(said("no log                     42"),
              HasSubstr("(group 0 of 42): its log was removed, replaced or"));
  EXPECT_THAT(said("changed                     0"),
              HasSubstr("was written over or replaced while it was open"));
}

TEST_F(LockFileTest, SaysNothingInWordsThatNobodyKnows) {
  fs::remove(log());
  for (const char* text : {"", "4711\n", "4711\nopen", "4711\nopen -1\n", "4711\nclosed 42\n",
                           "4711\nlocked 42\n", "4711\nopen 99999999999999999999\n", "open 42\n"}) {
    std::ofstream{lock(), std::ios::trunc} << text;
    EXPECT_EQ(finding(), "") << text;
  }
  fs::remove(lock());
  fs::create_directory(lock());
  EXPECT_EQ(finding(), "");
}

TEST_F(LockFileTest, SaysNothingFalseWhileItsOwnerHasMovedTheLogIntoTheFile) {
  const auto owner = open_sqlite(file());
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &other), SQLITE_OK);
  for (int group = 0; group < 5; ++group) {
    write(*owner);
    EXPECT_EQ(finding(), "");
    ASSERT_EQ(sqlite3_exec(other, "PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr), SQLITE_OK);
    EXPECT_EQ(fs::file_size(log()), 0U);
    EXPECT_EQ(finding(), "");
  }
  sqlite3_close(other);
}

TEST_F(LockFileTest, SaysNothingFalseWhileOwnersComeWriteAndGo) {
  std::thread owners{[&] {
    for (int owner = 0; owner < 50; ++owner) {
      const auto store = open_sqlite(folder_ / "left.db");
      for (int group = 0; group < 10; ++group) write(*store);
    }
  }};
  for (int looks = 0; looks < 200; ++looks) {
    try {
      EXPECT_EQ(finding(), "");
      static_cast<void>(open_sqlite_read_only(file()));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Errc::store_failed)
          << "come and gone too often to be looked at: " << error.what();
    }
  }
  owners.join();
  EXPECT_EQ(finding(), "");
}

}  // namespace
}  // namespace cairn::testing
