// Somebody else changes the file beneath its owner: from then on nothing is acknowledged, everybody is told,
// and what was acknowledged before is saved where it can be.

#include "tests/refusal.hpp"
#include "tests/storage/counting_vfs.hpp"
#include "tests/storage/owned_file.hpp"

#include <cairn/check.hpp>
#include <cairn/open.hpp>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gmock/gmock.h>

#include <chrono>
#include <fstream>

namespace cairn::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;

class FileChangeTest : public OwnedFile {
 protected:
  // A backup of now, as after a stop.
  void back_up() {
    close();
    fs::copy_file(file(), beside("backup.db"));
    open(small_log);
  }
  // As in a checkpoint that has written to the file and is cut off before it says so in the index of the log
  // (sqlite.org/walformat.html: nBackfill).
  void pretend_nothing_is_moved_yet() {
    std::fstream index_file{index(), std::ios::binary | std::ios::in | std::ios::out};
    index_file.seekp(96).write("\0\0\0\0", 4);
  }
  void copy_backup_over() {
    fs::copy_file(beside("backup.db"), file(), fs::copy_options::overwrite_existing);
  }

  // Moved into the file every few groups.
  const sqlite::FileOptions small_log{.checkpoint_bytes = std::size_t{64} << 10,
                                      .background_checkpoints = false};
};

TEST_F(FileChangeTest, ALogThatIsRemovedIsMovedIntoTheFile) {
  open();
  create(20);
  fs::remove(log());
  EXPECT_THAT(expect_stopped(), HasSubstr("what was acknowledged is in the file"));
  close();
  EXPECT_EQ(instances_in(file()), 20U);
  EXPECT_TRUE(check_file(file()).sound());
}

TEST_F(FileChangeTest, AnIndexThatIsRemovedStopsAsWell) {
  open();
  create(20);
  fs::remove(index());
  EXPECT_THAT(expect_stopped(), HasSubstr("what was acknowledged is in the file"));
  close();
  EXPECT_EQ(instances_in(file()), 20U);
}

TEST_F(FileChangeTest, AnotherLogUnderItsNameIsNotTouched) {
  open();
  create(20);
  fs::rename(log(), beside("taken"));
  std::ofstream{log()} << "somebody's";
  expect_stopped();
  close();
  EXPECT_EQ(bytes_of(log()), "somebody's");
  fs::remove(log());
  EXPECT_EQ(instances_in(file()), 20U);
}

TEST_F(FileChangeTest, AKillAfterItLosesNothingEither) {
  open();
  create(20);
  fs::remove(log());
  expect_stopped();
  const Folder killed;
  for (const fs::path& name : {file(), lock()}) fs::copy_file(name, killed / name.filename().string());
  EXPECT_EQ(instances_in(killed / "orders.db"), 20U);
}

TEST_F(FileChangeTest, ALogThatIsRemovedWhileAGroupIsWrittenIsNoticedBeforeItIsAcknowledged) {
  CountingVfs vfs;
  bool removes = false;
  vfs.set_witness([&](const CountingVfs::Call& call, CountingVfs::Moment moment) {
    const bool is_flush = call.file == CountingVfs::File::log &&
                          call.operation == CountingVfs::Operation::sync;
    if (removes && is_flush && moment == CountingVfs::Moment::after) fs::remove(log());
  });
  open({.vfs = vfs.name()});
  create(20);
  removes = true;
  EXPECT_EQ(refusal([&] { create(); }).first, Errc::outcome_unknown);
  expect_stopped();
  close();
  EXPECT_GE(instances_in(file()), 20U);
}

TEST_F(FileChangeTest, ALogThatIsRemovedBeforeAFailedCommitIsNotClosed) {
  CountingVfs vfs;
  open({.vfs = vfs.name()});
  create(20);
  vfs.set_judge([&](const CountingVfs::Call& call) {
    if (call.file != CountingVfs::File::log || call.operation != CountingVfs::Operation::write)
      return SQLITE_OK;
    fs::remove(log());
    return SQLITE_IOERR_WRITE;
  });
  EXPECT_EQ(refusal([&] { create(); }).first, Errc::outcome_unknown);
  vfs.set_judge({});
  expect_stopped();
  close();
  EXPECT_EQ(instances_in(file()), 20U);
}

TEST_F(FileChangeTest, ALogThatWasCutIsNotWrittenBehind) {
  open();
  create(20);
  fs::resize_file(log(), 1'000);
  EXPECT_THAT(expect_stopped(), HasSubstr("was cut"));
  close();
  const auto [code, message] = refusal([&] { static_cast<void>(open_sqlite(file())); });
  EXPECT_EQ(code, Errc::not_a_cairn_file);
  EXPECT_THAT(message, HasSubstr("holds less than was acknowledged"));
}

TEST_F(FileChangeTest, AFileThatWasRemovedIsSavedBesideItsName) {
  open();
  create(20);
  fs::remove(file());
  EXPECT_THAT(expect_stopped(), HasSubstr("is saved in " + beside("orders.db.rescued").string()));
  EXPECT_EQ(instances_in(beside("orders.db.rescued")), 20U);
  EXPECT_TRUE(check_file(beside("orders.db.rescued")).sound());
  EXPECT_FALSE(fs::exists(beside("orders.db.rescued-2")));
}

TEST_F(FileChangeTest, AFileThatWasReplacedIsSavedAndLeavesNoLogToTheOtherOne) {
  open();
  create(5);
  back_up();
  create(20);
  fs::rename(beside("backup.db"), file());
  EXPECT_THAT(expect_stopped(), HasSubstr("is saved in"));
  EXPECT_EQ(instances_in(beside("orders.db.rescued")), 25U);
  EXPECT_EQ(fs::file_size(log()), 0U);
  close();
  EXPECT_THAT(refusal([&] { static_cast<void>(open_sqlite(file())); }).second,
              HasSubstr("holds less than was acknowledged"));
  fs::remove(lock());
  EXPECT_EQ(instances_in(file()), 5U);
}

// Else the next owner would take it for that of the file which lies there now.
TEST_F(FileChangeTest, ALogThatCannotBeEmptiedIsNotPutTogetherWithTheOtherFile) {
  CountingVfs vfs;
  open();
  create(5);
  close();
  fs::copy_file(file(), beside("backup.db"));
  open({.vfs = vfs.name()});
  create(20);
  fs::rename(beside("backup.db"), file());
  vfs.set_judge([](const CountingVfs::Call& call) {
    const bool fails = call.file == CountingVfs::File::log &&
                       call.operation == CountingVfs::Operation::truncate;
    return fails ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
  });
  EXPECT_THAT(expect_stopped(), AllOf(HasSubstr("is saved in"), HasSubstr("remove " + log().string())));
  close();
  EXPECT_EQ(instances_in(beside("orders.db.rescued")), 25U);
  ASSERT_GT(fs::file_size(log()), 0U);
  const std::string before = bytes_of(file());
  EXPECT_THAT(refusal([&] { static_cast<void>(open_sqlite(file())); }).second,
              HasSubstr("its log belongs to other content"));
  EXPECT_TRUE(bytes_of(file()) == before);
  for (const fs::path& name : {log(), index(), lock()}) fs::remove(name);
  EXPECT_EQ(instances_in(file()), 5U);
}

// The log of which a reader has kept from being emptied has no name any more either.
TEST_F(FileChangeTest, AFileThatIsRemovedWithItsLogIsNotReplacedByAnEmptyOne) {
  open();
  create(20);
  SQLite::Database reader{file().string()};
  SQLite::Statement rows{reader, "SELECT key FROM instance"};
  ASSERT_TRUE(rows.executeStep());
  for (const fs::path& name : {file(), log(), index()}) fs::remove(name);
  EXPECT_THAT(expect_stopped(), HasSubstr("is saved in"));
  close();
  const auto [code, message] = refusal([&] { static_cast<void>(open_sqlite(file())); });
  EXPECT_EQ(code, Errc::not_a_cairn_file);
  EXPECT_THAT(message, AllOf(HasSubstr("is missing"), HasSubstr(".rescued")));
  EXPECT_FALSE(fs::exists(file()));
  EXPECT_EQ(instances_in(beside("orders.db.rescued")), 20U);
}

// As little as one whose owner was killed before it saw the other file.
TEST_F(FileChangeTest, ALogOfAKilledOwnerIsNotPutTogetherWithAFileThatTookThePlaceOfItsOwn) {
  open();
  create(5);
  back_up();
  create(5);
  close();
  open();
  create(20);
  const Folder folder;
  const fs::path killed = leave_as_killed(folder);
  fs::rename(beside("backup.db"), killed);
  EXPECT_THAT(refusal([&] { static_cast<void>(open_sqlite(killed)); }).second,
              HasSubstr("do not belong together"));
}

TEST_F(FileChangeTest, ABackupThatIsCopiedOverTheFileIsLeftAsItIs) {
  open();
  create(5);
  back_up();
  create(100);
  tidy();
  ASSERT_GT(fs::file_size(file()), fs::file_size(beside("backup.db")));
  copy_backup_over();
  EXPECT_THAT(expect_stopped(), HasSubstr("was written over"));
  store().maintain(Demand::quiet);
  close();
  EXPECT_EQ(bytes_of(file()), bytes_of(beside("backup.db")));

  EXPECT_THAT(refusal([&] { static_cast<void>(open_sqlite(file())); }).second,
              HasSubstr("its log belongs to other content"));
  for (const fs::path& name : {log(), index(), lock()}) fs::remove(name);
  copy_backup_over();
  EXPECT_EQ(instances_in(file()), 5U);
}

// Of the same length: only what every group writes tells it from the one before.
TEST_F(FileChangeTest, ABackupOfTheSameLengthIsSeenAsWell) {
  open();
  create(5);
  back_up();
  write();
  close();
  open();
  ASSERT_EQ(fs::file_size(file()), fs::file_size(beside("backup.db")));
  copy_backup_over();
  EXPECT_THAT(expect_stopped(), HasSubstr("was written over"));
}

TEST_F(FileChangeTest, AMovedFileGetsItsLogAndTakesNothingUntilItIsBack) {
  open();
  create(20);
  fs::rename(file(), beside("moved.db"));
  EXPECT_THAT(expect_stopped(), HasSubstr("moved or replaced"));
  const Folder killed;
  fs::copy_file(beside("moved.db"), killed / "moved.db");
  EXPECT_EQ(instances_in(killed / "moved.db"), 20U);
  fs::rename(beside("moved.db"), file());
  create();
  EXPECT_EQ(complaint().code, "");
  close();
  EXPECT_EQ(instances_in(file()), 21U);
}

TEST_F(FileChangeTest, ATouchedFileIsTheSame) {
  open();
  create(5);
  fs::last_write_time(file(), fs::file_time_type::clock::now() + 1h);
  create(5);
  EXPECT_EQ(complaint().code, "");
}

TEST_F(FileChangeTest, ACheckpointOfAnotherProgramIsNone) {
  open();
  create(20);
  EXPECT_EQ(outsider("checkpoint"), "0");
  create(20);
  EXPECT_EQ(complaint().code, "");
  close();
  EXPECT_EQ(instances_in(file()), 40U);
}

// Behind it the log begins anew, and is as long as it was, or longer.
TEST_F(FileChangeTest, ACheckpointOfAnotherProgramAfterEachGroupIsNone) {
  open();
  create(20);
  for (int i = 0; i < 4; ++i) {
    EXPECT_NE(outsider("move"), "0");
    EXPECT_EQ(complaint().code, "");
    write();
  }
  create();
  EXPECT_EQ(complaint().code, "");
  close();
  EXPECT_EQ(instances_in(file()), 21U);
}

// The file is written before the index says so.
TEST_F(FileChangeTest, ACheckpointOfAnotherProgramThatHasNotEndedIsNone) {
  open();
  create(20);
  EXPECT_NE(outsider("move"), "0");
  pretend_nothing_is_moved_yet();
  create(20);
  EXPECT_EQ(complaint().code, "");
  close();
  EXPECT_EQ(instances_in(file()), 40U);
}

// What it has moved in the background is of the log before: nothing of the new one, which the other program
// then moves.
TEST_F(FileChangeTest, ACheckpointOfAnotherProgramIsNoneAfterAFailedCommitBesideOneOfTheStore) {
  CountingVfs vfs;
  open({.vfs = vfs.name(), .checkpoint_bytes = std::size_t{64} << 10});
  create(20);
  ASSERT_TRUE(store().maintain(Demand::busy)) << "one has begun";
  vfs.set_judge([](const CountingVfs::Call& call) {
    const bool fails = call.file == CountingVfs::File::log && call.operation == CountingVfs::Operation::write;
    return fails ? SQLITE_IOERR_WRITE : SQLITE_OK;
  });
  EXPECT_NE(refusal([&] { create(); }).first, Errc{});
  vfs.set_judge({});
  create();
  tidy();
  EXPECT_NE(outsider("move"), "0");
  create();
  EXPECT_EQ(complaint().code, "");
  close();
}

TEST_F(FileChangeTest, ABackupThatIsCopiedOverTheFileIsSeenBehindACheckpointOfAnotherProgramToo) {
  open();
  create(5);
  back_up();
  create(20);
  EXPECT_NE(outsider("move"), "0");
  EXPECT_EQ(complaint().code, "");
  EXPECT_EQ(complaint().code, "");
  copy_backup_over();
  EXPECT_THAT(expect_stopped(), HasSubstr("was written over"));
}

TEST_F(FileChangeTest, TheStoreItselfMakesNoneThatItComplainsOf) {
  open({.sqlite = {.wal_bytes_max = std::size_t{256} << 10}, .checkpoint_bytes = std::size_t{32} << 10});
  for (int i = 0; i < 300; ++i) {
    create();
    store().maintain(Demand::quiet);
    ASSERT_EQ(complaint().code, "");
  }
}

}  // namespace
}  // namespace cairn::testing
