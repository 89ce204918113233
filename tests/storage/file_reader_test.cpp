#include "tests/storage/counting_vfs.hpp"
#include "tests/storage/store_fixture.hpp"
#include "tests/told_to_a_stranger.hpp"

#include <cairn/check.hpp>
#include <cairn/open.hpp>

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <sys/stat.h>

#include <fstream>
#include <string>

// Looking into a file that an owner has, or nobody.
namespace cairn::testing {
namespace {

class FileReaderTest : public ::testing::Test {
 protected:
  FileReaderTest() { store_ = open_sqlite(file()); }

  [[nodiscard]] std::filesystem::path file() const { return folder_ / "100%?#.db"; }

  void create(const std::string& id) {
    const std::vector<Change> define{Define{"orders", "1", "workflow-id", "version-id"}};
    const auto defined = std::get<Defined>(store_->apply(define, at(1'000)).at(0));
    CreateBatch batch{.workflow = defined.workflow, .version = defined.version};
    batch.first_key = store_->ownership().next_key;
    batch.rows.push_back({.id = id, .params = "{}"});
    const std::vector<Change> group{batch};
    store_->apply(group, at(2'000));
  }

  Folder folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(FileReaderTest, SeesWhatTheOwnerHasCommittedUpToEachRead) {
  create("a");
  const auto reader = open_sqlite_read_only(file());
  EXPECT_EQ(reader->list({}), store_->list({}));
  create("b");
  ASSERT_EQ(reader->list({}).size(), 2U);
  EXPECT_EQ(reader->history(1), store_->history(1));
  EXPECT_EQ(reader->workflows().at(0).name, "orders");
  EXPECT_EQ(reader->versions(1).at(0).tag, "1");
  EXPECT_EQ(reader->find(1, "b"), store_->find(1, "b"));
  EXPECT_EQ(reader->queued(1, 0, 10), store_->queued(1, 0, 10));
  EXPECT_EQ(reader->row(1), store_->row(1));
}

TEST_F(FileReaderTest, ReadsAFileWithoutAnOwnerAndLeavesNothingBesideIt) {
  create("a");
  store_.reset();
  EXPECT_EQ(open_sqlite_read_only(file())->list({}).size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(file().string() + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(file().string() + "-shm"));
}

// A copy of file and log is what a crash of the owner leaves behind.
TEST_F(FileReaderTest, ReadsTheLogThatACrashedOwnerLeftAndChangesNeither) {
  create("a");
  const std::filesystem::path left = folder_ / "left.db";
  const std::filesystem::path log = left.string() + "-wal";
  std::filesystem::copy_file(file(), left);
  std::filesystem::copy_file(file().string() + "-wal", log);
  const auto bytes = std::filesystem::file_size(log);
  const auto written = std::filesystem::last_write_time(left);
  EXPECT_EQ(open_sqlite_read_only(left)->list({}).size(), 1U);
  EXPECT_EQ(std::filesystem::file_size(log), bytes);
  EXPECT_EQ(std::filesystem::last_write_time(left), written);
}

TEST_F(FileReaderTest, SeesAnOwnerThatComesLater) {
  create("a");
  store_.reset();
  const auto reader = open_sqlite_read_only(file());
  store_ = open_sqlite(file());
  create("b");
  EXPECT_EQ(reader->list({}).size(), 2U);
}

TEST_F(FileReaderTest, DoesNotKeepTheNextOwnerAway) {
  create("a");
  const auto reader = open_sqlite_read_only(file());
  EXPECT_EQ(reader->list({}).size(), 1U);
  store_.reset();
  EXPECT_NO_THROW(store_ = open_sqlite(file()));
  EXPECT_EQ(reader->list({}).size(), 1U);
}

// SQLite's own POSIX locks of this process are lost when any descriptor of the file is closed.
TEST_F(FileReaderTest, LeavesTheLocksOfAnOwnerInTheSameProcessAlone) {
  create("a");
  EXPECT_EQ(open_sqlite_read_only(file())->list({}).size(), 1U);
  struct stat status = {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  const std::string inode = ":" + std::to_string(status.st_ino) + " ";
  std::ifstream locks{"/proc/locks"};
  bool found = false;
  for (std::string line; std::getline(locks, line);) {
    found = found || (line.find("POSIX") != std::string::npos && line.find(inode) != std::string::npos);
  }
  EXPECT_TRUE(found);
}

// The file is read without locks then, and two of its pages may be of different times.
TEST_F(FileReaderTest, ReadsAnewWhatSomebodyHasWrittenAndClosedMeanwhile) {
  create("a");
  store_.reset();
  CountingVfs vfs;
  int reads_until = 0;  // somebody comes
  std::string written;
  vfs.set_witness([&](const CountingVfs::Call& call, CountingVfs::Moment moment) {
    const bool is_read = call.file == CountingVfs::File::database &&
                         call.operation == CountingVfs::Operation::read;
    if (!is_read || moment != CountingVfs::Moment::after || --reads_until != 0) return;
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
    const std::string update = "UPDATE instance SET id = '" + written + "'";
    EXPECT_EQ(sqlite3_exec(database, update.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  });
  sqlite3_vfs_register(sqlite3_vfs_find(vfs.name().c_str()), 1);
  const auto reader = open_sqlite_read_only(file());
  int came = 0;
  for (int read = 1; read < 30; ++read) {
    written = "b" + std::to_string(read);
    reads_until = read;
    const std::vector<InstanceRow> rows = reader->list({});
    if (reads_until > 0) break;  // it reads no more
    ++came;
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].id, written) << "somebody came at read " << read;
  }
  EXPECT_GT(came, 2);
}

// A copy of file and log is what a crash of the owner leaves behind.
TEST_F(FileReaderTest, SaysWhatToDoWithALogOnAMediumThatCannotBeWritten) {
  using std::filesystem::perms;
  create("a");
  const std::filesystem::path medium = folder_ / "medium";
  std::filesystem::create_directory(medium);
  std::filesystem::permissions(folder_.path(), perms::all);
  constexpr perms read_only = perms::all & ~(perms::owner_write | perms::group_write | perms::others_write);
  for (const char* suffix : {"", "-wal"}) {
    const std::filesystem::path copy = medium / (std::string{"left.db"} + suffix);
    std::filesystem::copy_file(file().string() + suffix, copy);
    std::filesystem::permissions(copy, read_only);
  }
  std::filesystem::permissions(medium, read_only);
  const std::string told = told_to_a_stranger(
      [&] { static_cast<void>(open_sqlite_read_only(medium / "left.db")); });
  std::filesystem::permissions(medium, perms::owner_all);
  EXPECT_THAT(told, ::testing::StartsWith("file_is_read_only: cannot read "));
  EXPECT_THAT(told, ::testing::HasSubstr("left.db-wal can only be read by whoever may write"));
  EXPECT_THAT(told, ::testing::HasSubstr("copy the file and its log to a folder that can be written"));
}

// Only an index that may be made shows what a log holds; nobody needs one where it holds nothing.
TEST_F(FileReaderTest, TakesAnEmptyLogForNoneAsACheckDoes) {
  using std::filesystem::perms;
  create("a");
  const std::filesystem::path closed = folder_ / "closed.db";
  store_.reset();
  std::filesystem::copy_file(file(), closed);
  store_ = open_sqlite(file());
  create("b");
  std::filesystem::permissions(folder_.path(), perms::all);
  constexpr perms read_only = perms::all & ~(perms::owner_write | perms::group_write | perms::others_write);
  for (const std::string log : {"none", "empty", "whole"}) {
    const std::filesystem::path medium = folder_ / log;
    const std::filesystem::path left = medium / "left.db";
    const std::string left_log = left.string() + "-wal";
    std::filesystem::create_directory(medium);
    std::filesystem::copy_file(log == "whole" ? file() : closed, left);
    if (log == "empty") std::ofstream{left_log};
    if (log == "whole") std::filesystem::copy_file(file().string() + "-wal", left_log);
    if (log != "none") std::filesystem::permissions(left_log, read_only);
    std::filesystem::permissions(left, read_only);
    std::filesystem::permissions(medium, read_only);
    const std::string read = told_to_a_stranger(
        [&] { static_cast<void>(open_sqlite_read_only(left)->list({})); });
    const std::string checked = told_to_a_stranger([&] { static_cast<void>(check_file(left)); });
    std::filesystem::permissions(medium, perms::owner_all);
    EXPECT_EQ(read.substr(0, read.find(':')), log == "whole" ? "file_is_read_only" : "nothing")
        << log << ": " << read;
    EXPECT_EQ(checked.substr(0, checked.find(':')), read.substr(0, read.find(':'))) << log << ": " << checked;
  }
}

TEST_F(FileReaderTest, AFileThatIsMissingIsNotMade) {
  const auto missing = folder_ / "missing.db";
  EXPECT_THROW(static_cast<void>(open_sqlite_read_only(missing)), Error);
  EXPECT_THROW(static_cast<void>(open_sqlite(missing, {.create = false})), Error);
  EXPECT_FALSE(std::filesystem::exists(missing));
  EXPECT_FALSE(std::filesystem::exists(missing.string() + ".lock"));
}

}  // namespace
}  // namespace cairn::testing
