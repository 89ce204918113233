#include "examples/verify_packages/options.hpp"

#include "tests/examples/fake_root.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace verify {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::variant<Options, int> read(std::vector<std::string> arguments) {
  std::vector<const char*> argv{"verify_packages"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  return read_options(static_cast<int>(argv.size()), argv.data());
}

Options options_of(std::vector<std::string> arguments) {
  return std::get<Options>(read(std::move(arguments)));
}

// What is said to a command line that makes no sense.
std::string complaint_about(std::vector<std::string> arguments) {
  ::testing::internal::CaptureStderr();
  const auto answer = read(std::move(arguments));
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::get<int>(answer), exit_usage);
  return said;
}

TEST(Options, NeedOnlyTheFile) {
  const Options options = options_of({"audits.db"});
  EXPECT_EQ(options.file, "audits.db");
  EXPECT_EQ(options.request.root, "/");
  EXPECT_EQ(options.request.only, "*");
  EXPECT_EQ(options.request.keep_clean, 600'000);
  EXPECT_THAT(options.request.manifests, IsEmpty());
  EXPECT_EQ(options.serve, std::nullopt);
  EXPECT_EQ(options.times, Times::shown);
}

TEST(Options, SayWhatToVerify) {
  const FakeRoot fake;
  fake.write("a.md5", "");
  fake.write("b.md5", "");
  const Options options = options_of({"audits.db", "--root", fake.folder(), "--only", "lib*", "--manifest",
                                      fake.path("b.md5"), fake.path("a.md5"), fake.path("b.md5")});
  const std::filesystem::path folder = std::filesystem::canonical(fake.folder());
  EXPECT_EQ(options.request.root, folder.native());
  EXPECT_EQ(options.request.only, "lib*");
  EXPECT_THAT(options.request.manifests, ElementsAre(folder / "a.md5", folder / "b.md5"));
}

TEST(Options, SayHowLongRecordsAreKept) {
  EXPECT_EQ(options_of({"audits.db", "--keep-clean", "1 day"}).request.keep_clean, 86'400'000);
}

TEST(Options, SayWhereToServe) {
  EXPECT_EQ(options_of({"audits.db", "--serve", "8787"}).serve, 8787);
  EXPECT_EQ(options_of({"audits.db", "--serve", "0"}).serve, 0);
}

TEST(Options, MayLeaveOutTimes) {
  EXPECT_EQ(options_of({"audits.db", "--no-times"}).times, Times::hidden);
}

TEST(Options, SayWhereTheWholeReportGoes) {
  EXPECT_EQ(options_of({"audits.db"}).report, "");
  EXPECT_EQ(options_of({"audits.db", "--report", "report.txt"}).report, "report.txt");
}

TEST(Options, RefuseWhatMakesNoSense) {
  EXPECT_THAT(complaint_about({}), HasSubstr("FILE"));
  EXPECT_THAT(complaint_about({"audits.db", "--unknown"}), HasSubstr("--unknown"));
  EXPECT_THAT(complaint_about({"audits.db", "--serve", "70000"}), HasSubstr("--serve"));
  EXPECT_THAT(complaint_about({"audits.db", "--keep-clean", "10"}), HasSubstr("--keep-clean"));
  EXPECT_THAT(complaint_about({"audits.db", "--keep-clean", "0 ms"}),
              HasSubstr("--keep-clean: at least 1 ms"));
}

TEST(Options, RefuseARootThatIsNoFolder) {
  const FakeRoot fake;
  fake.write("file", "");
  EXPECT_THAT(complaint_about({"audits.db", "--root", fake.path("absent")}), HasSubstr("No such file"));
  EXPECT_THAT(complaint_about({"audits.db", "--root", fake.path("file")}), HasSubstr("is no folder"));
}

TEST(Options, RefuseAManifestThatIsNotThere) {
  const FakeRoot fake;
  EXPECT_THAT(complaint_about({"audits.db", "--manifest", fake.path("absent")}), HasSubstr("--manifest"));
}

TEST(Options, ExplainThemselves) {
  ::testing::internal::CaptureStdout();
  const auto answer = read({"--help"});
  const std::string said = ::testing::internal::GetCapturedStdout();
  EXPECT_EQ(std::get<int>(answer), 0);
  EXPECT_THAT(said, HasSubstr("2  files are missing or unreadable (altered ones or not)"));
}

}  // namespace
}  // namespace verify
