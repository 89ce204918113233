#include "tests/check/damaged_file.hpp"

#include <cairn/cairn.hpp>
#include <cairn/check.hpp>

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <string>

namespace cairn::testing {
namespace {

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{folder}, {}));
}

Errc refusal(const std::filesystem::path& file) {
  try {
    static_cast<void>(check_file(file));
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr(file.filename().string()));
    return error.code();
  }
  return Errc::internal;
}

TEST(CheckFile, AFileWithEveryStatusAndEveryKindOfRowIsSound) {
  const DamagedFile file;
  const CheckReport report = file.check();
  EXPECT_TRUE(report.sound()) << text(report);
  EXPECT_GT(report.instances, 8U);
  EXPECT_GT(report.steps, 8U);
  EXPECT_GT(report.events, 0U);
  EXPECT_GT(report.rules, 30U);
}

TEST(CheckFile, AFileOfTheFirstFormatIsSoundAsItIs) {
  const DamagedFile file{DamagedFile::Format::first};
  const std::string before = bytes_of(file.path());
  const CheckReport report = file.check();
  EXPECT_TRUE(report.sound()) << text(report);
  EXPECT_EQ(report.instances, DamagedFile{}.check().instances);
  EXPECT_EQ(bytes_of(file.path()), before);
}

TEST(CheckFile, ChangesNothingAndLeavesNothingBehind) {
  const DamagedFile file;
  const std::string before = bytes_of(file.path());
  static_cast<void>(file.check());
  EXPECT_EQ(bytes_of(file.path()), before);
  EXPECT_EQ(files_in(file.folder()), 1U);
}

TEST(CheckFile, AFileIsSoundAtAnyTimeWhileAnEngineWorksOnIt) {
  const DamagedFile folder;
  const std::filesystem::path file = folder.folder() / "live.db";
  Engine engine{open_sqlite(file)};
  auto workflow = engine.define("work", [](Context& ctx) -> Task<int> {
    int sum = 0;
    for (int i = 0; i < 5; ++i) sum += co_await ctx.step("add", [i] { return i; });
    co_await ctx.sleep("nap", std::chrono::milliseconds{1});
    Event event = co_await ctx.wait_for_event("wait", {.type = "go"});
    co_return sum;
  });
  engine.start();
  const BatchResult batch = workflow.create_batch(std::vector<NewInstance<void>>(200));
  int sent = 0;
  for (const CreatedInstance& created : batch.created) {
    workflow.get(created.id).send_event("go", 1);
    if (++sent % 20 != 0) continue;
    const CheckReport report = check_file(file);
    EXPECT_TRUE(report.sound()) << text(report);
    EXPECT_EQ(report.instances, 200U);
  }
  for (const CreatedInstance& created : batch.created) EXPECT_EQ(workflow.get(created.id).wait(), 10);
  EXPECT_TRUE(check_file(file).sound());
}

TEST(CheckFile, ReportsTheFirstFewOfEachRuleAndCountsAll) {
  DamagedFile file;
  const int damaged = file.damage("UPDATE instance SET id = '-' || key");
  const CheckReport report = file.check({.findings_per_rule = 2});
  EXPECT_EQ(report.findings.size(), 2U) << text(report);
  EXPECT_EQ(report.violations, static_cast<std::uint64_t>(damaged));
  EXPECT_EQ(report.findings[0].rule, "ids");
  EXPECT_THAT(report.findings[0].subject, ::testing::StartsWith("instance "));
}

TEST(CheckFile, WhatIsNoCairnFileIsRefusedByName) {
  const DamagedFile good;
  EXPECT_EQ(refusal(good.folder() / "missing.db"), Errc::not_a_cairn_file);
  EXPECT_EQ(refusal(good.folder()), Errc::not_a_cairn_file);
  std::ofstream{good.folder() / "empty.db"};
  EXPECT_EQ(refusal(good.folder() / "empty.db"), Errc::not_a_cairn_file);
  std::ofstream{good.folder() / "text.db"} << std::string(10'000, 'x');
  EXPECT_EQ(refusal(good.folder() / "text.db"), Errc::not_a_cairn_file);
  SQLite::Database{(good.folder() / "other.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE}.exec(
      "CREATE TABLE t (x)");
  EXPECT_EQ(refusal(good.folder() / "other.db"), Errc::not_a_cairn_file);
}

TEST(CheckFile, AFileOfANewerCairnIsRefused) {
  DamagedFile file;
  file.damage("PRAGMA user_version = 99");
  EXPECT_EQ(refusal(file.path()), Errc::file_is_newer);
}

}  // namespace
}  // namespace cairn::testing
