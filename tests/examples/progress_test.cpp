#include "examples/verify_packages/progress.hpp"

#include <gtest/gtest.h>

#include <string>

namespace verify {
namespace {

TEST(Progress, ShowsABarTheCountsAndThePackage) {
  EXPECT_EQ(progress_line(5, 10, "coreutils", 80),
            "[####################>                   ]  5/10 packages  coreutils");
}

TEST(Progress, BeginsEmptyAndEndsFull) {
  EXPECT_EQ(progress_line(0, 4, "", 80), "[>" + std::string(39, ' ') + "] 0/4 packages");
  EXPECT_EQ(progress_line(4, 4, "", 80), "[" + std::string(40, '#') + "] 4/4 packages");
}

TEST(Progress, NeedsNoPackages) {
  EXPECT_EQ(progress_line(0, 0, "", 80), "[" + std::string(40, '#') + "] 0/0 packages");
}

TEST(Progress, IsNeverWiderThanTheTerminal) {
  for (std::size_t width = 0; width < 120; ++width) {
    for (const char* package : {"", "coreutils", "a-package-with-quite-a-long-name-that-goes-on-and-on"}) {
      EXPECT_LE(progress_line(512, 1'024, package, width).size(), width);
    }
  }
}

TEST(Progress, GivesUpTheBarBeforeTheCounts) {
  EXPECT_EQ(progress_line(512, 1'024, "", 20), " 512/1024 packages");
  EXPECT_EQ(progress_line(512, 1'024, "", 17), "");
}

TEST(Progress, ShowsAsMuchOfThePackageAsThereIsRoomFor) {
  EXPECT_EQ(progress_line(1, 2, "coreutils", 18), "1/2 packages  core");
}

TEST(Progress, LeavesOutANameThatIsNotPlain) {
  EXPECT_EQ(progress_line(1, 2, "caf\xc3\xa9", 18), "1/2 packages");
}

}  // namespace
}  // namespace verify
