#include "tests/check/damaged_file.hpp"
#include "tests/storage/counting_vfs.hpp"
#include "tests/told_to_a_stranger.hpp"

#include <cairn/cairn.hpp>
#include <cairn/check.hpp>

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// A check of a file that somebody opens meanwhile, has open, or has left without closing it.
namespace cairn::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr Time at(std::int64_t ms) {
  return Time{Duration{ms}};
}

/// Lets something happen inside reads of database files, which all go through it while it lives.
class Interruption {
 public:
  Interruption() {
    vfs_.set_witness([this](const CountingVfs::Call& call, CountingVfs::Moment moment) {
      const bool is_read = call.file == CountingVfs::File::database &&
                           call.operation == CountingVfs::Operation::read;
      if (is_read && moment == CountingVfs::Moment::before && !inside_) note_read();
    });
    sqlite3_vfs_register(sqlite3_vfs_find(vfs_.name().c_str()), 1);
  }

  /// At each read whose number, counted from now on, is a multiple of `every`; its own reads do not count.
  void at_reads(int every, std::function<void()> what) {
    every_ = every;
    reads_ = 0;
    what_ = std::move(what);
  }

 private:
  void note_read() {
    if (!what_ || ++reads_ % every_ != 0) return;
    inside_ = true;
    what_();
    inside_ = false;
  }

  CountingVfs vfs_;
  int every_ = 1;
  int reads_ = 0;
  bool inside_ = false;
  std::function<void()> what_;
};

class CheckBesideOwner : public ::testing::Test {
 protected:
  static constexpr int instances = 1'000;

  CheckBesideOwner() { make_file(); }

  // Another one, closed, with instances that have ended and expire at 10.
  void make_file() {
    file_ = folder_.folder() / ("file-" + std::to_string(++files_) + ".db");
    open();
    const std::vector<Change> define{Define{"orders", "1", "a", "b"}};
    defined_ = std::get<Defined>(owner_->apply(define, at(1)).at(0));
    create({.error = Duration{8}}, Command::terminate);
    close();
  }

  void open() { owner_ = open_sqlite(file()); }
  void close() { owner_.reset(); }

  void create(Retention retention, Command command) {
    CreateBatch batch{.workflow = defined_.workflow,
                      .version = defined_.version,
                      .first_key = owner_->ownership().next_key};
    std::vector<Change> group;
    for (int i = 0; i < instances; ++i) {
      batch.rows.push_back(
          {std::to_string(batch.first_key + i), "\"" + std::string(1'000, 'x') + "\"", retention});
      group.emplace_back(Control{.key = batch.first_key + i, .command = command});
    }
    group.insert(group.begin(), std::move(batch));
    owner_->apply(group, at(2));
  }

  // All rows go, others take their pages, and all of that is moved into the file.
  void replace_everything() {
    const std::vector<Change> sweep{Sweep{.limit = instances}};
    EXPECT_EQ(std::get<Swept>(owner_->apply(sweep, at(100)).at(0)).instances, std::size_t{instances});
    create({}, Command::pause);
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, "PRAGMA wal_checkpoint(PASSIVE)", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }

  [[nodiscard]] const fs::path& file() const { return file_; }
  [[nodiscard]] const fs::path& folder() const { return folder_.folder(); }

  Interruption interruption_;

 private:
  DamagedFile folder_;
  fs::path file_;
  int files_ = 0;
  Defined defined_;
  std::unique_ptr<Store> owner_;
};

TEST_F(CheckBesideOwner, WhoOpensTheFileMeanwhileMakesNothingOfItUnsound) {
  for (const int read : {1, 2, 5, 50, 200}) {
    make_file();
    bool has_come = false;
    interruption_.at_reads(read, [&] {
      if (std::exchange(has_come, true)) return;
      open();
      replace_everything();
    });
    const CheckReport report = check_file(file());
    interruption_.at_reads(1, {});
    EXPECT_TRUE(has_come);
    EXPECT_TRUE(report.sound()) << "from read " << read << " on:\n" << text(report);
    EXPECT_EQ(report.instances, std::uint64_t{instances});
    close();
  }
}

TEST_F(CheckBesideOwner, WhoOpensAndClosesTheFileMeanwhileMakesNothingOfItUnsound) {
  bool has_come = false;
  interruption_.at_reads(50, [&] {
    if (std::exchange(has_come, true)) return;
    open();
    replace_everything();
    close();
  });
  const CheckReport report = check_file(file());
  interruption_.at_reads(1, {});
  EXPECT_TRUE(has_come);
  EXPECT_TRUE(report.sound()) << text(report);
  EXPECT_FALSE(fs::exists(file().string() + "-wal")) << "nor does the check leave anything";
}

TEST_F(CheckBesideOwner, WhoDoesSoAgainAndAgainIsTheReasonAndNoFindingIsMadeOfIt) {
  interruption_.at_reads(100, [&] {
    open();
    close();
  });
  try {
    static_cast<void>(check_file(file()));
    ADD_FAILURE() << "checked";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::store_failed);
    EXPECT_THAT(error.what(), HasSubstr("try it later"));
  }
  interruption_.at_reads(1, {});
}

TEST_F(CheckBesideOwner, ALogIsFoundBehindSymbolicLinks) {
  fs::create_directory(folder() / "links");
  fs::create_symlink("../" + file().filename().string(), folder() / "links" / "one.db");
  fs::create_symlink(folder() / "links" / "one.db", folder() / "two.db");
  open();
  create({}, Command::pause);
  for (const fs::path& link : {folder() / "links" / "one.db", folder() / "two.db"}) {
    const CheckReport report = check_file(link);
    EXPECT_TRUE(report.sound()) << text(report);
    EXPECT_EQ(report.instances, std::uint64_t{2 * instances}) << link;
  }
  fs::create_symlink("nowhere", folder() / "dangling.db");
  EXPECT_THROW(static_cast<void>(check_file(folder() / "dangling.db")), Error);
}

// A copy of file and log is what a killed owner leaves.
TEST_F(CheckBesideOwner, ALogOnAMediumThatCannotBeWrittenIsRefusedWithAWayOut) {
  open();
  create({}, Command::pause);
  const fs::path medium = folder() / "medium";
  fs::create_directory(medium);
  for (const char* suffix : {"", "-wal"}) {
    const fs::path copy = medium / (std::string{"left.db"} + suffix);
    fs::copy_file(file().string() + suffix, copy);
    fs::permissions(copy, fs::perms::all & ~(fs::perms::owner_write | fs::perms::others_write));
  }
  fs::permissions(folder(), fs::perms::all);
  fs::permissions(medium, fs::perms::all & ~(fs::perms::owner_write | fs::perms::others_write));
  const std::string told = told_to_a_stranger([&] { static_cast<void>(check_file(medium / "left.db")); });
  EXPECT_THAT(told, HasSubstr("file_is_read_only: "));
  EXPECT_THAT(told, HasSubstr("copy the file and its log to a folder that can be written"));
  fs::permissions(medium, fs::perms::owner_all);
  fs::remove(medium / "left.db-wal");
}

}  // namespace
}  // namespace cairn::testing
