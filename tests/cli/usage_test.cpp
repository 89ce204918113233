#include "tests/cli/cli_fixture.hpp"

#include <cairn/version.hpp>

#include <gmock/gmock.h>

namespace cairn::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CliUsageTest : public CliTest {};

TEST_F(CliUsageTest, TheVersionIsThatOfTheLibrary) {
  const Ran ran = run({"--version"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, "cairn " CAIRN_VERSION "\n");
}

TEST_F(CliUsageTest, HelpNamesTheCommandsAndTheExitStatuses) {
  const Ran ran = run({"--help"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr("list"), HasSubstr("sweep"), HasSubstr("bench"), HasSubstr("Exit status")));
  EXPECT_THAT(run({"list", "--help"}).out, AllOf(HasSubstr("FILE"), HasSubstr("--status")));
}

TEST_F(CliUsageTest, NonsenseIsAUsageErrorThatSaysWhy) {
  const auto refused = [&](const std::vector<std::string>& arguments, const std::string& why) {
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.status, 64) << why;
    EXPECT_THAT(ran.out, IsEmpty());
    EXPECT_THAT(ran.err, HasSubstr(why));
  };
  refused({}, "list, sweep, confirm-clock, check or bench is required");
  refused({"dance"}, "dance");
  refused({"list"}, "FILE");
  refused({"sweep"}, "FILE");
  refused({"list", "x.db", "--limit", "0"}, "--limit");
  refused({"list", "x.db", "--limit", "many"}, "--limit");
  refused({"list", "x.db", "--status", "asleep"}, "\"asleep\"");
  refused({"bench", "--rows", "0"}, "--rows");
  refused({"bench", "--directory", "/nowhere/at/all"}, "--directory");
  EXPECT_TRUE(contents(folder()).empty());
}

TEST_F(CliUsageTest, BenchPrintsALineForEachSizeOrRefusesAFolderWithoutADisk) {
  const Ran ran = run({"bench", "--rows", "1000,5000", "--directory", folder().string()});
  if (ran.err.find("is in memory") != std::string::npos) {
    EXPECT_EQ(ran.status, 1);
    EXPECT_EQ(ran.out, "");
  } else {
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_THAT(ran.out, AllOf(HasSubstr("1,000"), HasSubstr("5,000"), HasSubstr("ratio")));
  }
  EXPECT_TRUE(contents(folder()).empty());
}

}  // namespace
}  // namespace cairn::testing
