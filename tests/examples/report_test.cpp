#include "examples/verify_packages/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <vector>

namespace verify {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

PackageOutcome clean(std::string package, std::int64_t milliseconds = 1) {
  PackageOutcome outcome{.package = std::move(package), .has_list = true, .milliseconds = milliseconds};
  outcome.tally.files = 10;
  outcome.tally.bytes = 1'000'000;
  return outcome;
}

PackageOutcome with(std::string package, std::vector<Finding> findings) {
  PackageOutcome outcome = clean(std::move(package));
  for (Finding& finding : findings) note(outcome.tally, std::move(finding));
  return outcome;
}

Finding of(Verdict verdict, std::string path = "/a", std::string reason = "") {
  return {verdict, std::move(path), std::move(reason)};
}

Summary summary_of(std::vector<PackageOutcome> outcomes) {
  return summarise(1, "the packages of /", std::move(outcomes), 1'500ms);
}

std::string text_of(std::vector<PackageOutcome> outcomes, Times times = Times::shown) {
  return to_text(summary_of(std::move(outcomes)), times);
}

TEST(Report, AddsUpWhatThePackagesRecorded) {
  PackageOutcome without_list{.package = "c"};
  const Summary summary = summary_of(
      {clean("a"), with("b", {of(Verdict::altered), of(Verdict::missing)}), without_list});
  EXPECT_EQ(summary.packages, 3);
  EXPECT_EQ(summary.without_list, 1);
  EXPECT_EQ(summary.with_findings, 1);
  EXPECT_EQ(summary.total.files, 20);
  EXPECT_EQ(summary.total.bytes, 2'000'000);
  EXPECT_EQ(counts_in_words(summary.total), "1 altered, 1 missing");
}

TEST(Report, IsTheSameInWhateverOrderThePackagesEnded) {
  std::vector<PackageOutcome> outcomes;
  for (int i = 0; i < 30; ++i) {
    const std::string name = "p" + std::to_string(i);
    outcomes.push_back(i % 3 == 0
                           ? clean(name, i / 6)
                           : with(name, {of(Verdict::altered, "/" + name), of(Verdict::missing, "/z")}));
  }
  const Summary summary = summary_of(outcomes);
  std::mt19937_64 random{1};
  for (int i = 0; i < 20; ++i) {
    std::shuffle(outcomes.begin(), outcomes.end(), random);
    EXPECT_EQ(summary_of(outcomes), summary);
    EXPECT_EQ(text_of(outcomes), to_text(summary, Times::shown));
  }
}

TEST(Report, WithoutTimesIsTheSameHoweverLongItTook) {
  const std::string text = text_of({clean("a", 5), clean("b", 10)}, Times::hidden);
  EXPECT_EQ(text_of({clean("a", 500), clean("b", 1)}, Times::hidden), text);
  EXPECT_THAT(text, Not(HasSubstr("Slowest")));
}

TEST(Report, ReadsLikeThis) {
  PackageOutcome big = with(
      "big", {of(Verdict::unreadable, "/usr/bin/big", "is a directory"), of(Verdict::altered, "/etc/big")});
  big.tally.files = 12'345;
  big.tally.bytes = 9'876'543'210;
  big.tally.excluded = 7;
  big.milliseconds = 65'432;
  EXPECT_EQ(text_of({clean("small", 40), big, {.package = "bare"}}),
            "Audit 1 of the packages of /\n"
            "  packages                   3   1 without a list of checksums\n"
            "  files                 12,355   7 more left out by dpkg's path filters\n"
            "  bytes          9,877,543,210   9.9 GB\n"
            "  altered                    1\n"
            "  missing                    0\n"
            "  unreadable                 1\n"
            "Findings in 1 package\n"
            "  altered     big  /etc/big\n"
            "  unreadable  big  /usr/bin/big: is a directory\n"
            "Time  1.5 s\n"
            "Slowest packages, by time spent on hashing\n"
            "      65.4 s  big (12,345 files, 9.9 GB)\n"
            "       0.0 s  small (10 files, 1.0 MB)\n");
}

TEST(Report, ShowsTheFirstFindingsAndCountsTheRest) {
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < findings_shown_max + 5; ++i)
    findings.push_back(of(Verdict::altered, "/" + std::to_string(i)));
  const Summary summary = summary_of({with("a", findings)});
  EXPECT_THAT(summary.findings, SizeIs(findings_shown_max));
  EXPECT_THAT(to_text(summary, Times::hidden), HasSubstr("  and 5 more\n"));
}

TEST(Report, FitsOnAScreenOfTwentyFourLines) {
  std::vector<PackageOutcome> outcomes{{.package = "bare"}};
  for (int i = 0; i < 40; ++i) outcomes.push_back(with("p" + std::to_string(i), {of(Verdict::altered)}));
  const std::string text = to_text(summary_of(outcomes), Times::shown, shown_on_a_screen);
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 20);
  EXPECT_THAT(text, HasSubstr("  and 37 more\n"));
}

TEST(Report, CountsWhatThePackagesThemselvesDidNotKeep) {
  PackageOutcome outcome = with("a", {of(Verdict::altered)});
  outcome.tally.altered = 1'234;
  EXPECT_THAT(text_of({outcome}), HasSubstr("  and 1,233 more\n"));
}

TEST(Report, StaysBelowTheBoundOfARecordedResult) {
  std::vector<Finding> findings(findings_shown_max, of(Verdict::altered, std::string(4'000, '"')));
  std::vector<PackageOutcome> outcomes;
  for (int i = 0; i < 10; ++i) outcomes.push_back(with("p" + std::to_string(i), findings));
  EXPECT_LT(nlohmann::json(summary_of(outcomes)).dump().size(), std::size_t{1} << 20);
}

TEST(Report, NamesTheSlowestPackages) {
  std::vector<PackageOutcome> outcomes;
  for (int i = 0; i < 10; ++i) outcomes.push_back(clean("p" + std::to_string(i), 100 * i));
  const Summary summary = summary_of(outcomes);
  ASSERT_THAT(summary.slowest, SizeIs(slowest_shown_max));
  EXPECT_EQ(summary.slowest.front().package, "p9");
  EXPECT_EQ(summary.slowest.back().package, "p5");
}

TEST(Report, ComesBackFromJsonAsItWas) {
  const Summary summary = summary_of({clean("a"), with("b", {of(Verdict::unreadable, "/b", "is a pipe")})});
  EXPECT_EQ(nlohmann::json::parse(nlohmann::json(summary).dump()).get<Summary>(), summary);
}

TEST(ExitStatus, TellsTheVerdict) {
  EXPECT_EQ(exit_status(summary_of({})), 0);
  EXPECT_EQ(exit_status(summary_of({clean("a")})), 0);
  EXPECT_EQ(exit_status(summary_of({with("a", {of(Verdict::altered)})})), 1);
  EXPECT_EQ(exit_status(summary_of({with("a", {of(Verdict::missing)})})), 2);
  EXPECT_EQ(exit_status(summary_of({with("a", {of(Verdict::unreadable)})})), 2);
}

TEST(ExitStatus, IsThatOfMissingFilesWhenFilesAreAlteredToo) {
  EXPECT_EQ(exit_status(summary_of({with("a", {of(Verdict::altered)}), with("b", {of(Verdict::missing)})})),
            2);
}

TEST(Records, SayWhatWentAndWhatStaysUntilWhen) {
  const Records records{.swept = 1'200,
                        .clean = 808,
                        .clean_until = "2026-11-24T08:10:00.000Z",
                        .with_findings = 3,
                        .with_findings_until = "2026-12-24T08:00:00.000Z"};
  EXPECT_EQ(to_text(records, Times::shown),
            "Records of packages in the file\n"
            "       1,200 were due and swept\n"
            "         808 of clean packages stay, the last until 2026-11-24T08:10:00.000Z\n"
            "           3 of packages with findings stay, the last until 2026-12-24T08:00:00.000Z\n");
}

TEST(Records, HaveNoDatesWithoutTimesNorWhenNothingStays) {
  const Records records{.clean_until = "2026", .with_findings = 1, .with_findings_until = "2027"};
  EXPECT_THAT(to_text(records, Times::shown), Not(HasSubstr("2026")));
  EXPECT_THAT(to_text(records, Times::hidden), Not(HasSubstr("2027")));
}

}  // namespace
}  // namespace verify
