// What is no file of ours, or must not be written, is refused by name and left as it is.

#include "storage/sqlite/store.hpp"
#include "tests/refusal.hpp"
#include "tests/storage/store_fixture.hpp"
#include "tests/told_to_a_stranger.hpp"

#include <cairn/error.hpp>
#include <cairn/open.hpp>
#include <cairn/store.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace cairn::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class FileRefusal : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path file() const { return folder_ / "orders.db"; }
  [[nodiscard]] fs::path log() const { return folder_ / "orders.db-wal"; }
  [[nodiscard]] const fs::path& folder() const { return folder_.path(); }

  [[nodiscard]] std::string bytes() const {
    if (fs::is_directory(file())) return {};
    std::ifstream input{file(), std::ios::binary};
    return {std::istreambuf_iterator<char>{input}, {}};
  }
  static void put(const fs::path& path, const std::string& bytes) {
    std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
  }

  void expect_refused(Errc code, const std::string& why) {
    const std::string before = bytes();
    try {
      static_cast<void>(open_sqlite(file(), {.lock_wait = Duration{0}}));
      ADD_FAILURE() << "opened";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_THAT(error.what(), HasSubstr(why));
      EXPECT_THAT(error.what(), HasSubstr(file().string()));
    }
    EXPECT_EQ(bytes(), before);
    EXPECT_FALSE(fs::exists(log()));
  }

 private:
  Folder folder_;
};

TEST_F(FileRefusal, OfWhatIsNoDatabase) {
  put(file(), "a letter");
  expect_refused(Errc::not_a_cairn_file, "is no SQLite database");
  put(file(), std::string(100'000, '\xff'));
  expect_refused(Errc::not_a_cairn_file, "is no SQLite database");
  fs::remove(file());
  fs::create_directory(file());
  expect_refused(Errc::not_a_cairn_file, "is a folder");
  fs::remove(file());
  ASSERT_EQ(::mkfifo(file().c_str(), 0600), 0);
  EXPECT_THROW(static_cast<void>(open_sqlite(file())), Error) << "and nobody waits for its other end";
}

TEST_F(FileRefusal, OfADatabaseOfAnotherProgram) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
  sqlite3_exec(database, "CREATE TABLE theirs (a); PRAGMA user_version = 1", nullptr, nullptr, nullptr);
  sqlite3_close(database);
  expect_refused(Errc::not_a_cairn_file, "is a SQLite database of another program");
}

TEST_F(FileRefusal, OfAFileOfANewerCairn) {
  static_cast<void>(open_sqlite(file()));
  std::string newer = bytes();
  newer[63] = 99;  // user_version
  put(file(), newer);
  expect_refused(Errc::file_is_newer, "has format 99, and this cairn knows formats up to 2");
}

TEST_F(FileRefusal, OfAFileThatIsCutOff) {
  static_cast<void>(open_sqlite(file()));
  fs::resize_file(file(), fs::file_size(file()) - 1);
  expect_refused(Errc::not_a_cairn_file, "is cut off");
  fs::resize_file(file(), 50);
  expect_refused(Errc::not_a_cairn_file, "is no SQLite database");
}

TEST_F(FileRefusal, OfALogWithoutItsFile) {
  put(log(), "frames");
  EXPECT_THROW(static_cast<void>(open_sqlite(file())), Error);
  EXPECT_FALSE(fs::exists(file()));
  EXPECT_EQ(fs::file_size(log()), 6U);
}

TEST_F(FileRefusal, OfAMissingFolderOrFileThatMustNotBeMade) {
  EXPECT_THROW(static_cast<void>(open_sqlite(folder() / "none" / "orders.db")), Error);
  EXPECT_THROW(static_cast<void>(open_sqlite(file(), {.create = false})), Error);
  EXPECT_TRUE(fs::is_empty(folder()));
}

TEST_F(FileRefusal, OfANameThatIsNone) {
  const auto expect_named = [](auto open) {
    try {
      open();
      ADD_FAILURE() << "opened";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Errc::invalid_argument);
      EXPECT_THAT(error.what(), ::testing::StartsWith("file: must "));
    }
  };
  const std::string cut_off{"orders\0.db", 10};
  for (const fs::path& name : {fs::path{}, folder() / cut_off}) {
    expect_named([&] { static_cast<void>(open_sqlite(name)); });
    expect_named([&] { static_cast<void>(open_sqlite_read_only(name)); });
  }
  EXPECT_TRUE(fs::is_empty(folder()));
}

TEST_F(FileRefusal, OfAFileThatIsCutOffBesideItsLog) {
  const fs::path left = folder() / "left.db";
  const std::vector<Change> define{Define{"orders", "1", "a", "b"}};
  {
    const auto store = open_sqlite(file());
    CreateBatch batch{.workflow = 1, .version = 1, .first_key = 1};
    for (int i = 0; i < 100; ++i)
      batch.rows.push_back({std::to_string(i), "\"" + std::string(4'000, 'x') + "\"", {}});
    store->apply(define, at(1));
    store->apply(std::vector<Change>{batch}, at(1));
  }
  {
    const auto store = open_sqlite(file());
    store->apply(define, at(1));
    for (const fs::path suffix : {"", "-wal"}) fs::copy_file(file() += suffix, fs::path{left} += suffix);
  }
  fs::rename(left, file());
  fs::rename(fs::path{left} += "-wal", log());
  const std::uintmax_t whole = fs::file_size(file());
  ASSERT_GT(whole, fs::file_size(log()) + 16'384) << "the log cannot stand for what is cut";
  fs::resize_file(file(), (whole - fs::file_size(log())) / 4'096 * 4'096 - 8'192);
  const std::string bytes_before = bytes();
  try {
    static_cast<void>(open_sqlite(file()));
    ADD_FAILURE() << "opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::not_a_cairn_file);
    EXPECT_THAT(error.what(), HasSubstr("is cut off"));
  }
  EXPECT_EQ(bytes(), bytes_before);
  EXPECT_TRUE(fs::exists(log())) << "nor was the log moved into it";
}

TEST_F(FileRefusal, OfAFileThatHasLostTheRowOfItsOwner) {
  static_cast<void>(open_sqlite(file()));
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, "DELETE FROM owner", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
  expect_refused(Errc::not_a_cairn_file, "has lost its owner's row");
}

TEST_F(FileRefusal, OfALockFileThatIsNone) {
  static_cast<void>(open_sqlite(file()));
  const fs::path lock = folder() / "orders.db.lock";
  fs::remove(lock);
  fs::create_directory(lock);
  expect_refused(Errc::store_failed, "cannot open its lock file: Is a directory");
  fs::remove(lock);
  // Whoever may make names in the folder could have any file of ours written over.
  put(folder() / "letter", "of somebody else");
  fs::create_symlink("letter", lock);
  expect_refused(Errc::store_failed, "cannot open its lock file: ");
  EXPECT_EQ(fs::file_size(folder() / "letter"), 16U);
  fs::remove(lock);
  ASSERT_EQ(::mkfifo(lock.c_str(), 0600), 0);
  EXPECT_TRUE(open_sqlite_read_only(file())->list({}).empty()) << "nobody waits for its other end";
}

TEST_F(FileRefusal, OfAFileThatCannotBeMade) {
  const fs::path made = folder() / "orders.db.new";
  fs::create_directories(made / "in use");
  expect_refused(Errc::store_failed, "cannot be made: File exists");
  EXPECT_FALSE(fs::exists(file()));
  EXPECT_TRUE(fs::exists(made / "in use"));
  fs::remove_all(made);
  EXPECT_NO_THROW(static_cast<void>(open_sqlite(file())));
}

// SQLite goes on with another journal then, and says so only when it is asked.
TEST_F(FileRefusal, OfAVfsThatKeepsNoLog) {
  const auto open = [&] { sqlite::SqliteStore{file(), {.vfs = "unix-dotfile"}}; };
  EXPECT_EQ(refusal(open),
            (std::pair{Errc::store_failed,
                       std::string{"PRAGMA journal_mode = WAL gave 'delete' instead of 'wal'"}}));
  EXPECT_FALSE(fs::exists(file())) << "and nothing is half made";
  EXPECT_FALSE(fs::exists(folder() / "orders.db.new"));
}

constexpr uid_t nobody = 65534;

// The code with which somebody is refused who may not write everything, as root may. 0: opened.
int code_for_nobody(const fs::path& file) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && (::setgid(nobody) != 0 || ::setuid(nobody) != 0)) ::_exit(1);
    try {
      static_cast<void>(open_sqlite(file, {.lock_wait = Duration{0}}));
    } catch (const Error& error) {
      ::_exit(error.code() == Errc::file_is_read_only ? 42 : 2);
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(FileRefusal, OfAFileOrFolderThatMustNotBeWritten) {
  static_cast<void>(open_sqlite(file()));
  fs::permissions(folder(), fs::perms::all);
  for (const auto& entry : fs::directory_iterator{folder()}) fs::permissions(entry.path(), fs::perms::all);
  EXPECT_EQ(code_for_nobody(file()), 0);
  fs::permissions(file(), fs::perms::owner_read | fs::perms::others_read);
  EXPECT_EQ(code_for_nobody(file()), 42) << "a file that can only be read";
  fs::permissions(file(), fs::perms::all);
  fs::permissions(folder(), fs::perms::owner_all & ~fs::perms::owner_write);
  fs::permissions(folder(), fs::perms::others_read | fs::perms::others_exec, fs::perm_options::add);
  EXPECT_EQ(code_for_nobody(file()), 42) << "a folder that takes no log";
  fs::permissions(folder(), fs::perms::all);
  fs::permissions(folder() / "orders.db.lock", fs::perms::owner_read);
  EXPECT_EQ(code_for_nobody(file()), 42) << "a lock file of somebody else";
  fs::permissions(folder() / "orders.db.lock", fs::perms::all);
  fs::permissions(file(), fs::perms::owner_read);
  EXPECT_EQ(code_for_nobody(file()), 42) << "a file that cannot be read either";
  EXPECT_EQ(told_to_a_stranger([&] { static_cast<void>(open_sqlite_read_only(file())); }),
            "file_is_read_only: " + file().string() + " cannot be read: Permission denied");
  fs::permissions(folder(), fs::perms::owner_all);
}

}  // namespace
}  // namespace cairn::testing
