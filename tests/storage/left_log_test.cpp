// A log that lies beside another file than its own: what lies there then is read together only where nothing
// can have been lost.

#include "tests/storage/last_owner.hpp"

#include <cairn/check.hpp>
#include <cairn/open.hpp>

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <fstream>

namespace cairn::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A backup of five instances, and an owner that was killed behind thirty with a log that began at ten.
class LeftLogTest : public LastOwnerTest {
 protected:
  void SetUp() override {
    open();
    create(5);
    close();
    fs::copy_file(file(), beside("backup.db"));
    open();
    create(5);
    close();
    LastOwnerTest::SetUp();
  }
  void restore() { fs::copy_file(beside("backup.db"), killed(), fs::copy_options::overwrite_existing); }
  void expect_refused_untouched() {
    const std::string file_before = bytes_of(killed());
    const std::string log_before = bytes_of(killed_log());
    for (int i = 0; i < 2; ++i) {
      EXPECT_THAT(expect_refused(killed()),
                  AllOf(HasSubstr("do not belong together"), HasSubstr(killed_log().string()),
                        HasSubstr(killed_lock().string())));
      EXPECT_TRUE(bytes_of(killed()) == file_before);
      EXPECT_TRUE(bytes_of(killed_log()) == log_before);
    }
  }
  // The backup "now.db", vacuumed, in place of the file of an owner that is killed now.
  std::string expect_vacuumed_refused() {
    const Folder folder;
    const fs::path left = leave_as_killed(folder);
    run(beside("now.db"), "VACUUM");
    fs::copy_file(beside("now.db"), left, fs::copy_options::overwrite_existing);
    return expect_refused(left);
  }
  void take_what_is_left_away() const {
    for (const char* const ending : {"-wal", "-shm", ".lock"}) fs::remove(killed().string() + ending);
  }
  static void run(const fs::path& name, const std::string& sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(name.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }
};

TEST_F(LeftLogTest, IsNotPutTogetherWithABackupThatIsCopiedOverTheFile) {
  restore();
  expect_refused_untouched();
  take_what_is_left_away();
  EXPECT_EQ(instances_in(killed()), 5U);
}

TEST_F(LeftLogTest, IsNotPutTogetherWithItWhenTheMarkIsGoneEither) {
  fs::remove(killed_lock());
  restore();
  expect_refused_untouched();
}

// Of later groups than the log has, and of as many by another owner.
TEST_F(LeftLogTest, IsNotPutTogetherWithACopyThatWentOnElsewhere) {
  fs::copy_file(killed(), near_killed("copy.db"));
  fs::copy_file(killed_log(), near_killed("copy.db-wal"));
  EXPECT_EQ(instances_in(near_killed("copy.db")), 30U);
  fs::rename(near_killed("copy.db"), killed());
  expect_refused_untouched();
}

// Its pages are others, though it holds what the log holds.
TEST_F(LeftLogTest, IsNotPutTogetherWithACopyThatWasWrittenAnew) {
  EXPECT_NE(outsider("backup", beside("now.db").string()), "");
  run(beside("now.db"), "VACUUM INTO '" + near_killed("anew.db").string() + "'");
  fs::rename(near_killed("anew.db"), killed());
  expect_refused_untouched();
}

// A log of groups that add no row has no first page, which would stand for that of the file.
TEST_F(LeftLogTest, IsKeptWhenWhatLiesInPlaceOfItsFileCannotBeOpened) {
  close();
  open();
  for (int i = 0; i < 3; ++i) write();
  const Folder folder;
  const fs::path left = leave_as_killed(folder);
  const std::string log_before = bytes_of(left.string() + "-wal");
  const std::string garbage(100'000, 'x');
  std::ofstream{left, std::ios::binary} << garbage;
  EXPECT_NE(refusal([&] { static_cast<void>(open_sqlite(left)); }).first, Errc{});
  EXPECT_TRUE(bytes_of(left) == garbage);
  EXPECT_TRUE(bytes_of(left.string() + "-wal") == log_before);
}

TEST_F(LeftLogTest, IsNotPutTogetherWithADatabaseOfOtherPages) {
  close();
  fs::remove(file());
  open({.page_bytes = 8192});
  create(5);
  close();
  fs::copy_file(file(), killed(), fs::copy_options::overwrite_existing);
  expect_refused_untouched();
}

TEST_F(LeftLogTest, IsNotPutTogetherWithADatabaseOfAnotherProgram) {
  for (const char* const table : {"theirs", "owner"}) {
    fs::remove(near_killed("theirs.db"));
    run(near_killed("theirs.db"), "PRAGMA journal_mode = WAL; CREATE TABLE " + std::string{table} +
                                      " (a); INSERT INTO " + table + " VALUES (zeroblob(100000))");
    fs::copy_file(near_killed("theirs.db"), killed(), fs::copy_options::overwrite_existing);
    expect_refused_untouched();
  }
}

TEST_F(LeftLogTest, IsNotPutTogetherWithACopyThatHasLostTheTableOfItsOwner) {
  run(near_killed("copy.db"),
      "PRAGMA journal_mode = WAL; PRAGMA application_id = 0x63616972; CREATE TABLE a (a)");
  fs::copy_file(near_killed("copy.db"), killed(), fs::copy_options::overwrite_existing);
  expect_refused_untouched();
}

// VACUUM moves the pages of a copy that else passes.
TEST_F(LeftLogTest, IsNotPutTogetherWithABackupThatWasVacuumed) {
  create(200);
  EXPECT_NE(outsider("backup", beside("now.db").string()), "");
  create(5);
  EXPECT_THAT(expect_vacuumed_refused(), HasSubstr("as after a VACUUM"));
}

TEST_F(LeftLogTest, IsNotPutTogetherWithAVacuumedFileOfAnotherLength) {
  close();
  run(file(), "CREATE TABLE filler (a); INSERT INTO filler VALUES (zeroblob(100000)); DROP TABLE filler");
  open();
  for (int i = 0; i < 3; ++i) write();
  EXPECT_NE(outsider("backup", beside("now.db").string()), "");
  write();
  EXPECT_THAT(expect_vacuumed_refused(), HasSubstr("and the log is of one with"));
}

// It begins with a change of the schema: the file has the number before that, or the new one.
TEST_F(LeftLogTest, BelongsToAFileThatAnotherProgramHasVacuumed) {
  for (int i = 0; i < 3; ++i) {
    close();
    open();
    EXPECT_EQ(outsider("vacuum"), "0");
    create(5);
    if (i > 1) {
      EXPECT_NE(outsider("move"), "");
    }
    create(1);
    const Folder folder;
    const fs::path left = leave_as_killed(folder);
    EXPECT_EQ(instances_in(left), static_cast<std::size_t>(30 + 6 * (i + 1)));
    EXPECT_TRUE(check_file(left).sound());
  }
}

TEST_F(LeftLogTest, BelongsToAFileThatTheAuditTrailWasTurnedOnFor) {
  close();
  open({.sqlite = {.audit_trail = true}});
  create(5);
  const Folder folder;
  EXPECT_EQ(instances_in(leave_as_killed(folder)), 35U);
}

TEST_F(LeftLogTest, IsNotReadTogetherWithABackupEither) {
  EXPECT_EQ(open_sqlite_read_only(killed())->list({.limit = 100}).size(), 30U);
  restore();
  const auto [code, message] = refusal([&] { static_cast<void>(open_sqlite_read_only(killed())); });
  EXPECT_EQ(code, Errc::not_a_cairn_file);
  EXPECT_THAT(message, HasSubstr("do not belong together"));
}

// Two that went on from the same state, in as many groups: the log has fewer instances than the file.
TEST_F(LeftLogTest, IsNotPutTogetherWithACopyThatHasMoreInstancesAsOfAnEarlierGroup) {
  close();
  fs::copy_file(file(), beside("before.db"));
  open();
  create(3);
  close();
  fs::rename(file(), beside("ahead.db"));
  fs::rename(beside("before.db"), file());
  open();
  for (int i = 0; i < 6; ++i) write();
  EXPECT_EQ(outsider("checkpoint"), "0");
  write();
  const Folder folder;
  const fs::path left = leave_as_killed(folder);
  fs::copy_file(beside("ahead.db"), left, fs::copy_options::overwrite_existing);
  EXPECT_THAT(expect_refused(left), HasSubstr("do not belong together"));
}

TEST_F(LeftLogTest, MayBePutTogetherWithABackupOfAnyMomentSinceItBegan) {
  EXPECT_NE(outsider("backup", beside("now.db").string()), "");
  create(5);
  const Folder folder;
  const fs::path left = leave_as_killed(folder);
  fs::copy_file(beside("now.db"), left, fs::copy_options::overwrite_existing);
  EXPECT_EQ(instances_in(left), 35U);
  EXPECT_TRUE(check_file(left).sound());
}

TEST_F(LeftLogTest, BelongsToAFileThatACheckpointOfAnotherProgramHasWrittenTo) {
  EXPECT_NE(outsider("move"), "0");
  create(5);
  const Folder folder;
  const fs::path left = leave_as_killed(folder);
  EXPECT_EQ(instances_in(left), 35U);
}

// Whatever pages of the log a checkpoint had copied when it was cut off.
TEST_F(LeftLogTest, BelongsToAFileThatACheckpointWasCutOffIn) {
  const std::string log_bytes = bytes_of(killed_log());
  const std::string file_bytes = bytes_of(killed());
  run(killed(), "SELECT count(*) FROM instance");
  const std::string moved = bytes_of(killed());
  constexpr std::size_t page = 4096;
  ASSERT_GT(moved.size(), file_bytes.size());
  const std::size_t pages = moved.size() / page;
  for (std::size_t copied = 0; copied < pages; ++copied) {
    SCOPED_TRACE(copied);
    std::string torn = file_bytes;
    torn.resize(std::max(torn.size(), (copied + 1) * page));
    // All in order up to that page, and that page to its middle.
    torn.replace(0, copied * page + page / 2, moved.substr(0, copied * page + page / 2));
    const Folder folder;
    const fs::path left = folder / "orders.db";
    std::ofstream{left, std::ios::binary} << torn;
    std::ofstream{left.string() + "-wal", std::ios::binary} << log_bytes;
    EXPECT_EQ(instances_in(left), 30U);
    if (HasFailure()) return;
  }
}

// It is begun anew over what was there: frames of the log before lie behind its own.
TEST_F(LeftLogTest, BelongsToItsFileAfterItWasBegunAnew) {
  for (int i = 0; i < 12; ++i) {
    EXPECT_NE(outsider("move"), "");
    create();
    const Folder folder;
    EXPECT_EQ(instances_in(leave_as_killed(folder)), static_cast<std::size_t>(31 + i));
  }
}

}  // namespace
}  // namespace cairn::testing
