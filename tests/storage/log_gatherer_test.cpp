// What SQLite writes to the log, gathered: to whoever asks the file it is as if every write had been made.

#include "storage/sqlite/log_gatherer.hpp"

#include "storage/sqlite/connection.hpp"
#include "tests/storage/counting_vfs.hpp"
#include "tests/storage/store_fixture.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>

namespace cairn::testing {
namespace {

using sqlite::Connection;
using sqlite::LogGatherer;
using sqlite::Role;
using File = CountingVfs::File;
using Operation = CountingVfs::Operation;

constexpr int header_bytes = 24;  // of a page in the log
constexpr int page_bytes = 4096;

// A log that is opened as SQLite would, without SQLite.
class OpenLog {
 public:
  OpenLog(sqlite3_vfs* vfs, std::string path) : path_{std::move(path)} {
    memory_ = std::make_unique<std::max_align_t[]>(static_cast<std::size_t>(vfs->szOsFile));
    EXPECT_EQ(vfs->xOpen(vfs, path_.c_str(), file(),
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_WAL, nullptr),
              SQLITE_OK);
  }
  OpenLog(const OpenLog&) = delete;
  OpenLog& operator=(const OpenLog&) = delete;
  ~OpenLog() { close(); }

  int close() { return open_ ? open_ = false, methods().xClose(file()) : SQLITE_OK; }
  int write(const std::string& bytes, std::size_t offset) {
    return methods().xWrite(file(), bytes.data(), static_cast<int>(bytes.size()),
                            static_cast<sqlite3_int64>(offset));
  }
  int sync() { return methods().xSync(file(), SQLITE_SYNC_NORMAL); }
  int truncate(std::size_t size) { return methods().xTruncate(file(), static_cast<sqlite3_int64>(size)); }
  std::size_t size() {
    sqlite3_int64 size = 0;
    EXPECT_EQ(methods().xFileSize(file(), &size), SQLITE_OK);
    return static_cast<std::size_t>(size);
  }
  std::string read(std::size_t count, std::size_t offset) {
    std::string bytes(count, '\0');
    EXPECT_EQ(
        methods().xRead(file(), bytes.data(), static_cast<int>(count), static_cast<sqlite3_int64>(offset)),
        SQLITE_OK);
    return bytes;
  }
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(memory_.get()); }
  const sqlite3_io_methods& methods() { return *file()->pMethods; }

 private:
  std::string path_;
  std::unique_ptr<std::max_align_t[]> memory_;
  bool open_ = true;
};

class LogGathererTest : public ::testing::Test {
 protected:
  // A log has the mode of its database, which must be there.
  LogGathererTest() { std::ofstream{folder_ / "store.db"}; }

  [[nodiscard]] std::string path() const { return folder_ / "store.db-wal"; }
  [[nodiscard]] OpenLog open() { return OpenLog{sqlite3_vfs_find(gatherer_.name().c_str()), path()}; }
  [[nodiscard]] std::string on_disk() const {
    std::ifstream file{path(), std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  [[nodiscard]] int writes() const { return vfs_.count(File::log, Operation::write); }

  CountingVfs vfs_;
  LogGatherer gatherer_{vfs_.name()};
  Folder folder_;
};

std::string bytes_of(std::size_t count, int seed) {
  std::string bytes(count, '\0');
  std::minstd_rand random(static_cast<unsigned>(seed) + 1);
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

TEST_F(LogGathererTest, WritesPagesThatFollowEachOtherInOneCall) {
  OpenLog log = open();
  std::string expected;
  for (int page = 0; page < 20; ++page) {
    for (const int count : {header_bytes, page_bytes}) {
      const std::string bytes = bytes_of(static_cast<std::size_t>(count), page);
      ASSERT_EQ(log.write(bytes, expected.size()), SQLITE_OK);
      expected += bytes;
    }
  }
  EXPECT_EQ(writes(), 0);
  ASSERT_EQ(log.sync(), SQLITE_OK);
  EXPECT_EQ(writes(), 1);
  EXPECT_EQ(on_disk(), expected);
}

TEST_F(LogGathererTest, HasEverythingWrittenBeforeItIsFlushed) {
  std::size_t on_disk_then = 0;
  vfs_.set_witness([&](const CountingVfs::Call& call, CountingVfs::Moment moment) {
    if (call.operation == Operation::sync && moment == CountingVfs::Moment::before)
      on_disk_then = on_disk().size();
  });
  OpenLog log = open();
  ASSERT_EQ(log.write(bytes_of(page_bytes, 1), 0), SQLITE_OK);
  ASSERT_EQ(log.sync(), SQLITE_OK);
  EXPECT_EQ(on_disk_then, page_bytes);
}

// Such as the one of a child that was forked in the middle of a transaction of its parent.
TEST_F(LogGathererTest, WritesNothingWhenItIsClosed) {
  OpenLog log = open();
  ASSERT_EQ(log.write("abc", 0), SQLITE_OK);
  ASSERT_EQ(log.close(), SQLITE_OK);
  EXPECT_EQ(on_disk(), "");
}

TEST_F(LogGathererTest, ReportsAWriteThatFailsWithTheFlushAndMakesItNoMore) {
  OpenLog log = open();
  ASSERT_EQ(log.write("abc", 0), SQLITE_OK);
  vfs_.set_judge([](const CountingVfs::Call& call) {
    return call.operation == Operation::write ? SQLITE_FULL : SQLITE_OK;
  });
  EXPECT_EQ(log.sync(), SQLITE_FULL);
  vfs_.set_judge({});
  EXPECT_EQ(log.sync(), SQLITE_OK);
  EXPECT_EQ(log.size(), 0U);
  EXPECT_EQ(log.write("xyz", 0), SQLITE_OK);
  EXPECT_EQ(log.sync(), SQLITE_OK);
  EXPECT_EQ(on_disk(), "xyz");
}

TEST_F(LogGathererTest, ReportsAWriteThatFailsWithTheWriteThatDoesNotFollowIt) {
  OpenLog log = open();
  ASSERT_EQ(log.write("abc", 0), SQLITE_OK);
  vfs_.set_judge([](const CountingVfs::Call& call) {
    return call.operation == Operation::write ? SQLITE_IOERR_WRITE : SQLITE_OK;
  });
  EXPECT_EQ(log.write("xyz", 100), SQLITE_IOERR_WRITE);
  vfs_.set_judge({});
  ASSERT_EQ(log.close(), SQLITE_OK);
  EXPECT_EQ(on_disk(), "");
}

// Against a string that does at once what the log is asked for.
TEST_F(LogGathererTest, ReadsWhatWasWrittenInWhateverOrder) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::minstd_rand random{seed + 1};
    const auto below = [&](std::size_t bound) { return std::size_t{random()} % bound; };
    OpenLog log = open();
    ASSERT_EQ(log.truncate(0), SQLITE_OK);
    std::string model;
    std::size_t next = 0;
    for (int i = 0; i < 400; ++i) {
      const std::size_t draw = below(100);
      if (draw < 70) {
        const std::size_t offset = draw < 50 ? std::min(next, model.size()) : below(model.size() + 1);
        const std::string bytes = bytes_of(1 + below(draw == 0 ? 131'000 : 5'000), i);
        ASSERT_EQ(log.write(bytes, offset), SQLITE_OK);
        model.resize(std::max(model.size(), offset + bytes.size()));
        model.replace(offset, bytes.size(), bytes);
        next = offset + bytes.size();
      } else if (draw < 85 && !model.empty()) {
        const std::size_t offset = below(model.size());
        const std::size_t count = 1 + below(model.size() - offset);
        ASSERT_EQ(log.read(count, offset), model.substr(offset, count)) << seed << " " << i;
      } else if (draw < 90) {
        ASSERT_EQ(log.size(), model.size()) << seed << " " << i;
      } else if (draw < 95) {
        ASSERT_EQ(log.sync(), SQLITE_OK);
        ASSERT_EQ(on_disk(), model) << seed << " " << i;
      } else {
        model.resize(model.size() - below(model.size() / 8 + 1));
        ASSERT_EQ(log.truncate(model.size()), SQLITE_OK);
      }
    }
    ASSERT_EQ(log.sync(), SQLITE_OK);
    ASSERT_EQ(on_disk(), model) << seed;
  }
}

// SQLite asks these of a database file alone, and may come to ask them of a log.
TEST_F(LogGathererTest, HandsOnWhatItDoesNotGather) {
  OpenLog log = open();
  OpenLog real{sqlite3_vfs_find(vfs_.name().c_str()), path()};
  EXPECT_EQ(log.methods().xSectorSize(log.file()), real.methods().xSectorSize(real.file()));
  EXPECT_EQ(log.methods().xDeviceCharacteristics(log.file()),
            real.methods().xDeviceCharacteristics(real.file()));
  vfs_.set_judge([](const CountingVfs::Call& call) {
    return call.operation == Operation::lock ? SQLITE_BUSY : SQLITE_OK;
  });
  EXPECT_EQ(log.methods().xLock(log.file(), SQLITE_LOCK_SHARED), SQLITE_BUSY);
  EXPECT_EQ(log.methods().xUnlock(log.file(), SQLITE_LOCK_NONE), SQLITE_OK);
  int is_reserved = 1;
  EXPECT_EQ(log.methods().xCheckReservedLock(log.file(), &is_reserved), SQLITE_OK);
  EXPECT_EQ(is_reserved, 0);
}

// A transaction that is larger than the cache writes pages to the log before its end, reads them from there,
// and overwrites them there.
TEST_F(LogGathererTest, ServesATransactionThatIsLargerThanTheCache) {
  std::filesystem::remove(folder_ / "store.db");
  std::ofstream{folder_ / "spilt.db"};
  Connection connection{{.path = folder_ / "spilt.db", .vfs = vfs_.name(), .cache_bytes = 1}, Role::writes};
  connection.execute("PRAGMA cache_size = 10; CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); BEGIN");
  for (int round = 0; round < 3; ++round) {
    connection.execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
        "INSERT INTO t SELECT i * 7919 % 503, hex(randomblob(200)) FROM n WHERE true "
        "ON CONFLICT DO UPDATE SET b = b || '.'");
  }
  EXPECT_GT(vfs_.count(File::log, Operation::read), 0);
  connection.execute("COMMIT");
  static constexpr char sound[] = "SELECT count(*) FROM t WHERE length(b) = 402";
  EXPECT_EQ(Connection({.path = folder_ / "spilt.db"}, Role::reads).number(sound), 500);
}

}  // namespace
}  // namespace cairn::testing
