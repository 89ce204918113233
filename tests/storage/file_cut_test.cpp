// Somebody cuts the file beneath its owner, as a copy that has just begun does. What the file has lost nobody
// can give back: nothing more is acknowledged, and the log is kept out of what is left.

#include "tests/refusal.hpp"
#include "tests/storage/counting_vfs.hpp"
#include "tests/storage/owned_file.hpp"

#include <cairn/check.hpp>
#include <cairn/open.hpp>

#include <gmock/gmock.h>

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cairn::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class FileCutTest : public OwnedFile {
 protected:
  // Most of it in the file, some of it in the log, and a backup of before.
  void SetUp() override { begin({}); }
  void begin(const sqlite::FileOptions& options) {
    close();
    for (const fs::path& name : {file(), log(), index(), lock(), beside("backup.db")}) fs::remove(name);
    open();
    create(20);
    close();
    fs::copy_file(file(), beside("backup.db"));
    open(options);
    create(3);
  }
  // Of all parts of a file: nothing is left of it, less than a page, one page, a half, all but one page, all
  // but one byte.
  [[nodiscard]] std::vector<std::uintmax_t> lengths() const {
    constexpr std::uintmax_t page = 4'096;
    const std::uintmax_t whole = fs::file_size(file());
    return {0, 1'000, page, whole / page / 2 * page, whole - page, whole - 1};
  }
  // Leaves the file full of free pages.
  void fill_and_sweep() {
    const std::vector<Change> define{Define{"orders", "1", "a", "b"}};
    const auto defined = std::get<Defined>(store().apply(define, at(2'000)).at(0));
    CreateBatch batch{
        .workflow = defined.workflow, .version = defined.version, .first_key = store().ownership().next_key};
    std::vector<Change> group;
    for (int i = 0; i < 1'000; ++i) {
      batch.rows.push_back(
          {"swept-" + std::to_string(i), "\"" + std::string(8'000, 'x') + "\"", {.error = Duration{1}}});
      group.emplace_back(Control{.key = batch.first_key + i, .command = Command::terminate});
    }
    group.insert(group.begin(), std::move(batch));
    store().apply(group, at(3'000));
    const std::vector<Change> sweep{Sweep{.limit = 1'000}};
    EXPECT_EQ(std::get<Swept>(store().apply(sweep, at(9'000)).at(0)).instances, 1'000U);
  }
  void cut(std::uintmax_t bytes) const { fs::resize_file(file(), bytes); }
};

TEST_F(FileCutTest, StopsEverythingWhereverItIsCutAndTheLogStaysOutOfIt) {
  for (const std::uintmax_t bytes : lengths()) {
    SCOPED_TRACE(bytes);
    begin({});
    cut(bytes);
    EXPECT_THAT(expect_stopped(), HasSubstr("was written over or cut while it was open"));
    tidy();
    store().maintain(Demand::quiet);
    close();
    EXPECT_EQ(fs::file_size(file()), bytes);
  }
}

TEST_F(FileCutTest, IsRefusedByTheNextOwnerUntilABackupIsPutInItsPlace) {
  for (const std::uintmax_t bytes : lengths()) {
    SCOPED_TRACE(bytes);
    begin({});
    cut(bytes);
    expect_stopped();
    close();
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(refusal([&] { static_cast<void>(open_sqlite(file())); }).first, Errc::not_a_cairn_file);
      EXPECT_EQ(fs::file_size(file()), bytes) << "what is left stays as it is";
    }
    for (const fs::path& name : {log(), index(), lock()}) fs::remove(name);
    fs::copy_file(beside("backup.db"), file(), fs::copy_options::overwrite_existing);
    EXPECT_EQ(instances_in(file()), 20U) << "as told";
    EXPECT_TRUE(check_file(file()).sound());
  }
}

TEST_F(FileCutTest, IsNoticedWhileAGroupIsWrittenBeforeThatIsAcknowledged) {
  CountingVfs vfs;
  begin({.vfs = vfs.name()});
  bool cuts = false;
  vfs.set_witness([&](const CountingVfs::Call& call, CountingVfs::Moment moment) {
    const bool is_flush = call.file == CountingVfs::File::log &&
                          call.operation == CountingVfs::Operation::sync;
    if (cuts && is_flush && moment == CountingVfs::Moment::after) cut(4'096);
  });
  cuts = true;
  EXPECT_EQ(refusal([&] { create(); }).first, Errc::outcome_unknown);
  expect_stopped();
  close();
}

// What the store itself writes to is not looked at meanwhile, but behind it.
TEST_F(FileCutTest, IsNoticedThoughTheStoreMovedItsLogIntoItMeanwhile) {
  CountingVfs vfs;
  begin({.vfs = vfs.name(), .checkpoint_bytes = std::size_t{64} << 10, .background_checkpoints = false});
  create(40);
  bool cuts = true;
  vfs.set_witness([&](const CountingVfs::Call& call, CountingVfs::Moment moment) {
    const bool is_flush = call.file == CountingVfs::File::database &&
                          call.operation == CountingVfs::Operation::sync;
    if (is_flush && moment == CountingVfs::Moment::after && std::exchange(cuts, false)) cut(4'096);
  });
  tidy();
  EXPECT_FALSE(cuts) << "the log was moved";
  expect_stopped();
  close();
}

// Another program may make the file shorter by a checkpoint, which is SQLite's to order. Behind that, too,
// somebody may cut it.
TEST_F(FileCutTest, IsNoticedBehindACheckpointOfAnotherProgramToo) {
  for (const bool is_seen : {false, true}) {
    for (const std::uintmax_t bytes : lengths()) {
      SCOPED_TRACE(std::to_string(bytes) + (is_seen ? ", behind a look" : ""));
      begin({});
      EXPECT_NE(outsider("move"), "0");
      if (is_seen) {
        EXPECT_EQ(complaint().code, "");
      }
      cut(bytes);
      expect_stopped();
    }
  }
}

// What a sweep has left goes in pieces, which stand in the log until somebody moves it.
TEST_F(FileCutTest, IsNotWhatAnotherProgramDoesWhoMovesWhatTheStoreHasMadeShorter) {
  fill_and_sweep();
  int times = 0;
  for (bool more = true; more; more = store().maintain(Demand::quiet)) {
    const std::uintmax_t before = fs::file_size(file());
    EXPECT_EQ(outsider("checkpoint"), "0");
    times += fs::file_size(file()) < before ? 1 : 0;
    create();
    ASSERT_EQ(complaint().code, "");
  }
  EXPECT_GT(times, 1);
}

}  // namespace
}  // namespace cairn::testing
