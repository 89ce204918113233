#include "tests/storage/store_fixture.hpp"

#include <cairn/open.hpp>

#include <sys/stat.h>

#include <fstream>

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

TEST_F(FileReaderTest, AFileThatIsMissingIsNotMade) {
  const auto missing = folder_ / "missing.db";
  EXPECT_THROW(static_cast<void>(open_sqlite_read_only(missing)), Error);
  EXPECT_THROW(static_cast<void>(open_sqlite(missing, {.create = false})), Error);
  EXPECT_FALSE(std::filesystem::exists(missing));
  EXPECT_FALSE(std::filesystem::exists(missing.string() + ".lock"));
}

}  // namespace
}  // namespace cairn::testing
