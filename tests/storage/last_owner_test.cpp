// What an owner finds that comes after one that was killed: the mark in the lock file says what file and log
// must hold together, under whatever name.

#include "tests/storage/last_owner.hpp"

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

TEST_F(LastOwnerTest, FindsAllThatAKilledOneHadAcknowledged) {
  EXPECT_EQ(instances_in(killed()), 20U);
  EXPECT_EQ(instances_in(killed()), 20U) << "after a clean close";
}

TEST_F(LastOwnerTest, ItsMissingLogIsRefusedInWordsThatSayHowToGoOn) {
  const fs::path taken = near_killed("taken");
  fs::rename(killed_log(), taken);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(expect_refused(killed()), AllOf(HasSubstr(killed_log().string() + " is missing: put it back"),
                                                HasSubstr("remove " + killed_lock().string())));
    EXPECT_FALSE(fs::exists(killed_log())) << "nothing was made in its place";
  }
  fs::rename(taken, killed_log());
  EXPECT_EQ(instances_in(killed()), 20U);
}

TEST_F(LastOwnerTest, WhoOnlyLooksIntoItsFileIsToldOfItsMissingLogInTheSameWords) {
  const auto told = [&] {
    return refusal([&] { static_cast<void>(open_sqlite_read_only(killed())->list({})); });
  };
  const auto reader = open_sqlite_read_only(killed());
  EXPECT_EQ(reader->list({.limit = 100}).size(), 20U);
  fs::remove(killed_log());
  EXPECT_EQ(told(), (std::pair{Errc::not_a_cairn_file, expect_refused(killed())}));
  EXPECT_EQ(refusal([&] { static_cast<void>(reader->list({})); }), told()) << "also later on";
  std::ofstream{killed_lock()} << "4711      \nchanged                   42\n";
  EXPECT_EQ(told(), (std::pair{Errc::not_a_cairn_file, expect_refused(killed())}));
  fs::remove(killed_lock());
  EXPECT_EQ(open_sqlite_read_only(killed())->list({}).size(), 0U);
}

TEST_F(LastOwnerTest, WhoOnlyLooksIntoItsFileIsToldThatItsLogWasCut) {
  fs::resize_file(killed_log(), fs::file_size(killed_log()) / 2);
  const std::string told = refusal([&] { static_cast<void>(open_sqlite_read_only(killed())); }).second;
  EXPECT_THAT(told, HasSubstr("file and log do not belong together"));
  EXPECT_EQ(told, expect_refused(killed()));
}

TEST_F(LastOwnerTest, WhoOnlyLooksIntoItsFileByAnotherNameIsToldTheNameOfTheLog) {
  fs::create_hard_link(killed(), near_killed("other.db"));
  const auto told = [&] {
    return refusal([&] { static_cast<void>(open_sqlite_read_only(near_killed("other.db"))); });
  };
  EXPECT_EQ(told(), (std::pair{Errc::not_a_cairn_file, expect_refused(near_killed("other.db"))}));
  EXPECT_EQ(open_sqlite_read_only(killed())->list({.limit = 100}).size(), 20U);
  EXPECT_EQ(instances_in(killed()), 20U) << "closed now";
  EXPECT_EQ(open_sqlite_read_only(near_killed("other.db"))->list({.limit = 100}).size(), 20U);
}

TEST_F(LastOwnerTest, AMissingFileIsNotReplacedByAnEmptyOne) {
  fs::remove(killed());
  fs::remove(killed_log());
  EXPECT_THAT(expect_refused(killed()),
              AllOf(HasSubstr("is missing"), HasSubstr("remove " + killed_lock().string())));
  EXPECT_FALSE(fs::exists(killed()));
  fs::remove(killed_lock());
  EXPECT_EQ(instances_in(killed()), 0U);
}

TEST_F(LastOwnerTest, AMissingFileThatWasReplacedBeforeIsNotReplacedByAnEmptyOneEither) {
  fs::remove(killed());
  fs::remove(killed_log());
  std::ofstream{killed_lock()} << "4711      \nchanged                   42\n";
  EXPECT_THAT(expect_refused(killed()), AllOf(HasSubstr("is missing"), HasSubstr(".rescued")));
  EXPECT_FALSE(fs::exists(killed()));
}

TEST_F(LastOwnerTest, WhoTakesItsMarkAwayGoesOnWithWhatIsThere) {
  fs::remove(killed_log());
  expect_refused(killed());
  fs::remove(killed_lock());
  EXPECT_EQ(instances_in(killed()), 0U);
}

TEST_F(LastOwnerTest, ItsLogMayHaveBeenMovedIntoTheFileByAnotherProgram) {
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(killed().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "SELECT count(*) FROM instance", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  ASSERT_FALSE(fs::exists(killed_log()));
  EXPECT_EQ(instances_in(killed()), 20U);
}

TEST_F(LastOwnerTest, AnOlderCopyInPlaceOfItsFileIsRefusedUntilItsMarkIsTakenAway) {
  close();
  fs::copy_file(file(), beside("backup.db"));
  open();
  create(5);
  const Folder folder;
  const fs::path left = leave_as_killed(folder);
  fs::remove(left.string() + "-wal");
  fs::copy_file(beside("backup.db"), left, fs::copy_options::overwrite_existing);
  EXPECT_THAT(expect_refused(left), HasSubstr("If it is a backup that was restored"));
  fs::remove(left.string() + ".lock");
  EXPECT_EQ(instances_in(left), 20U);
}

TEST_F(LastOwnerTest, AfterACleanCloseAnyCopyMayTakeThePlaceOfTheFile) {
  close();
  fs::copy_file(file(), beside("backup.db"));
  open();
  create(5);
  close();
  fs::copy_file(beside("backup.db"), file(), fs::copy_options::overwrite_existing);
  EXPECT_EQ(instances_in(file()), 20U);
}

TEST_F(LastOwnerTest, ALockFileOfAnOlderCairnSaysNothing) {
  fs::remove(killed_log());
  std::ofstream{killed_lock()} << "4711\n";
  EXPECT_EQ(instances_in(killed()), 0U);
}

TEST_F(LastOwnerTest, AFileThatItsUserHasRemovedBehindACloseIsMadeAnew) {
  EXPECT_EQ(instances_in(killed()), 20U);  // opened, and closed
  fs::remove(killed());
  EXPECT_EQ(instances_in(killed()), 0U);
}

// --------------------------------------------------------------------------------------------------- hard
// links

TEST_F(LastOwnerTest, TheLogOfAnotherNameIsNotPassedOver) {
  fs::create_hard_link(killed(), near_killed("other.db"));
  EXPECT_THAT(
      expect_refused(near_killed("other.db")),
      AllOf(HasSubstr("has another name, " + killed().string()), HasSubstr("open it under that name")));
  EXPECT_EQ(instances_in(killed()), 20U) << "its own log is found";
  EXPECT_EQ(instances_in(near_killed("other.db")), 20U) << "now that it is closed";
}

TEST_F(LastOwnerTest, ANameInAnotherFolderNeedsAMarkOfItsOwn) {
  const Folder far;
  fs::create_hard_link(killed(), far / "orders.db");
  EXPECT_THAT(expect_refused(far / "orders.db"), HasSubstr("2 names (hard links)"));
  EXPECT_EQ(instances_in(killed()), 20U);
  EXPECT_THAT(expect_refused(far / "orders.db"), HasSubstr("2 names (hard links)"));
  fs::remove(killed());
  EXPECT_EQ(instances_in(far / "orders.db"), 20U);
}

// As somebody leaves it who restores a backup by a link, and takes the log and the mark away as told.
TEST_F(LastOwnerTest, AFileThatIsLinkedToItsBackupGoesOnAsACopy) {
  close();
  const Folder backups;
  fs::create_hard_link(file(), backups / "backup.db");
  fs::remove(lock());
  const std::string refused = expect_refused(file());
  EXPECT_THAT(refused, AllOf(HasSubstr("2 names (hard links)"), HasSubstr("cp " + file().string() + " COPY"),
                             HasSubstr("mv COPY " + file().string())));
  EXPECT_THAT(refused, Not(HasSubstr("remove the other names")));
  fs::copy_file(file(), beside("COPY"));
  fs::rename(beside("COPY"), file());
  EXPECT_EQ(instances_in(file()), 20U);
  EXPECT_EQ(fs::hard_link_count(backups / "backup.db"), 1U);
}

TEST_F(LastOwnerTest, TheMarkOfAnotherNameCounts) {
  fs::create_hard_link(killed(), near_killed("other.db"));
  fs::remove(killed_log());
  EXPECT_THAT(expect_refused(near_killed("other.db")), HasSubstr("remove " + killed_lock().string()));
}

TEST_F(LastOwnerTest, AFileWithOtherNamesIsComplainedOf) {
  fs::create_hard_link(file(), beside("other.db"));
  create();
  EXPECT_EQ(complaint().code, "file_has_other_names");
  EXPECT_EQ(complaint().state, HealthState::degraded);
  close();
  open();
  EXPECT_EQ(complaint().code, "file_has_other_names");
  fs::remove(beside("other.db"));
  create();
  EXPECT_EQ(complaint().code, "");
}

// ---------------------------------------------------------------------------------------------- symbolic
// links

TEST_F(LastOwnerTest, ALinkToNoFileYetStaysALinkAndItsFileIsMadeWhereItLeads) {
  const Folder disk;
  fs::create_symlink(disk / "orders.db", beside("link.db"));
  fs::create_symlink("link.db", beside("link to a link.db"));
  EXPECT_EQ(instances_in(beside("link to a link.db")), 0U);
  EXPECT_TRUE(fs::is_symlink(beside("link.db")));
  EXPECT_TRUE(fs::is_symlink(beside("link to a link.db")));
  EXPECT_TRUE(fs::is_regular_file(disk / "orders.db"));
  EXPECT_TRUE(fs::exists(disk / "orders.db.lock"));
  EXPECT_FALSE(fs::exists(beside("link.db.lock")));
  EXPECT_EQ(instances_in(disk / "orders.db"), 0U);
}

TEST_F(LastOwnerTest, LinksInACircleAndIntoNoFolderAreRefused) {
  fs::create_symlink("b.db", beside("a.db"));
  fs::create_symlink("a.db", beside("b.db"));
  EXPECT_EQ(refusal([&] { static_cast<void>(open_sqlite(beside("a.db"))); }).first, Errc::store_failed);
  fs::create_symlink(beside("no folder") / "orders.db", beside("c.db"));
  EXPECT_THAT(refusal([&] { static_cast<void>(open_sqlite(beside("c.db"))); }).second,
              HasSubstr("there is no folder"));
  EXPECT_TRUE(fs::is_symlink(beside("c.db")));
}

}  // namespace
}  // namespace cairn::testing
