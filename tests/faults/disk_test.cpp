// The disk must lose what a disk may lose, and nothing else.

#include "tests/faults/disk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace cairn::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using Act = DiskOperation::Kind;

DiskOperation write(const std::string& file, std::int64_t at, const std::string& bytes) {
  return {.kind = Act::write, .file = file, .at = at, .bytes = bytes};
}
DiskOperation sync(const std::string& file) {
  return {.kind = Act::sync, .file = file};
}
const DiskOperation sync_folder{.kind = Act::sync_folder};

Disk disk(const std::vector<DiskOperation>& operations) {
  Disk disk;
  for (const DiskOperation& operation : operations) disk.carry_out(operation);
  return disk;
}

Image after(const Disk& disk, Loss loss) {
  std::mt19937 random{1};
  return disk.after(loss, random);
}

TEST(Disk, KeepsWhatWasFlushedWithItsName) {
  const Disk flushed = disk({write("a", 0, "one"), sync("a"), sync_folder});
  EXPECT_FALSE(flushed.holds_back());
  for (const Loss loss : all_losses) EXPECT_THAT(after(flushed, loss), ElementsAre(Pair("a", "one")));
}

TEST(Disk, LosesTheNameOfAFileThatWasFlushedAlone) {
  const Disk made = disk({write("a", 0, "one"), sync("a")});
  EXPECT_TRUE(made.holds_back());
  EXPECT_THAT(after(made, Loss::nothing), ElementsAre(Pair("a", "one")));
  EXPECT_THAT(after(made, Loss::all_but_names), ElementsAre(Pair("a", "one")));
  EXPECT_THAT(after(made, Loss::names_only), IsEmpty());
}

TEST(Disk, LosesTheContentOfAFileWhoseNameWasFlushedAlone) {
  const Disk made = disk({write("a", 0, "one"), sync_folder});
  EXPECT_THAT(after(made, Loss::everything), ElementsAre(Pair("a", "")));
  EXPECT_THAT(after(made, Loss::names_only), ElementsAre(Pair("a", "one")));
}

TEST(Disk, UndoesARenamingUntilTheFolderIsFlushed) {
  Disk moved = disk(
      {write("a", 0, "one"), sync("a"), sync_folder, {.kind = Act::rename, .file = "a", .bytes = "b"}});
  EXPECT_THAT(after(moved, Loss::nothing), ElementsAre(Pair("b", "one")));
  EXPECT_THAT(after(moved, Loss::everything), ElementsAre(Pair("a", "one")));
  moved.carry_out(sync_folder);
  EXPECT_THAT(after(moved, Loss::everything), ElementsAre(Pair("b", "one")));
}

TEST(Disk, BringsBackARemovedFileAndNeverMixesItWithTheNextOfItsName) {
  const Disk again = disk({write("a", 0, "one"),
                           sync("a"),
                           sync_folder,
                           {.kind = Act::remove, .file = "a"},
                           write("a", 1, "two"),
                           sync("a")});
  EXPECT_THAT(after(again, Loss::names_only), ElementsAre(Pair("a", "one")));
  EXPECT_THAT(after(again, Loss::nothing), ElementsAre(Pair("a", std::string("\0two", 4))));
}

TEST(Disk, LosesNamesByChanceEachForItself) {
  const Disk made = disk({write("a", 0, "one"), write("b", 0, "two"), sync("a"), sync("b")});
  std::mt19937 random{1};
  std::set<std::string> found;
  for (int draw = 0; draw < 100; ++draw) {
    std::string names;
    for (const auto& [name, bytes] : made.after(Loss::some, random)) names += name;
    found.insert(names);
  }
  EXPECT_THAT(found, ElementsAre("", "a", "ab", "b"));
}

TEST(Disk, CutsAWriteAtItsSectors) {
  const std::string bytes(1'024, 'x');
  const Disk written = disk({write("a", 0, ""), sync("a"), sync_folder, write("a", 0, bytes)});
  EXPECT_EQ(after(written, Loss::first_half).at("a"), bytes.substr(0, 512));
  EXPECT_EQ(after(written, Loss::second_half).at("a"), std::string(512, '\0') + bytes.substr(512));
  EXPECT_EQ(after(written, Loss::the_last).at("a"), "");
  EXPECT_EQ(after(written, Loss::garbage).at("a").size(), 1'024U);
}

}  // namespace
}  // namespace cairn::testing
