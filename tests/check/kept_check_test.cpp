#include "tests/simulation/kept_check.hpp"

#include "tests/check/damaged_file.hpp"

#include <gtest/gtest.h>

#include <string>

// The simulations check tens of thousands of files with one `KeptCheck`. That it finds the same as
// `check_file` is held by all tests of damaged files.
namespace cairn::testing {
namespace {

TEST(KeptCheckTest, SeesEachFileAsItIsNow) {
  KeptCheck kept;
  DamagedFile one;
  EXPECT_TRUE(kept.check(one.path()).sound());
  one.damage("UPDATE instance SET run = 0 WHERE key = 1");
  EXPECT_FALSE(kept.check(one.path()).sound());
  const DamagedFile other;
  EXPECT_TRUE(kept.check(other.path()).sound());
  EXPECT_FALSE(kept.check(one.path()).sound());
  EXPECT_EQ(kept.prepared(), 1U) << "their tables are the same";
}

TEST(KeptCheckTest, CopiesPagesOfAnySize) {
  KeptCheck kept;
  DamagedFile file;
  for (const int bytes : {512, 4096, 65536}) {
    file.damage("PRAGMA journal_mode = DELETE; PRAGMA page_size = " + std::to_string(bytes) + "; VACUUM");
    EXPECT_EQ(text(kept.check(file.path())), "") << bytes;
  }
  EXPECT_EQ(kept.prepared(), 3U);
}

TEST(KeptCheckTest, PreparesAnewWhereTablesDiffer) {
  KeptCheck kept;
  DamagedFile file;
  EXPECT_TRUE(kept.check(file.path()).sound());
  // So that nothing but the tables tells: the cookie that SQLite asks for stays as it was.
  file.damage(
      "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'params'; PRAGMA writable_schema "
      "= OFF");
  EXPECT_FALSE(kept.check(file.path()).sound());
  EXPECT_EQ(kept.prepared(), 2U);
}

}  // namespace
}  // namespace cairn::testing
