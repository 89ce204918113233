#include "tests/house/claims.hpp"

#include <cairn/cairn.hpp>
#include <cairn/check.hpp>
#include <cairn/http.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <iterator>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

// Numbers of the documents are taken from the code: who changes one there is told where else it stands.
namespace house {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::size_t kibibyte = std::size_t{1} << 10;
constexpr std::size_t mebibyte = std::size_t{1} << 20;

std::string kib(std::size_t bytes) {
  EXPECT_EQ(bytes % kibibyte, 0U);
  return grouped(bytes / kibibyte) + " KiB";
}

std::string mib(std::size_t bytes) {
  EXPECT_EQ(bytes % mebibyte, 0U);
  return grouped(bytes / mebibyte) + " MiB";
}

std::string seconds(cairn::Duration span) {
  EXPECT_EQ(span % 1s, 0ms);
  return std::to_string(span / 1s) + " s";
}

std::string in_words(std::uint64_t number) {
  static const std::vector<std::string> words{"none", "one",   "two",   "three", "four", "five",
                                              "six",  "seven", "eight", "nine",  "ten"};
  return words.at(number);
}

void expect_says(const std::string& page, const std::string& sentence) {
  EXPECT_THAT(in_one_line(page), HasSubstr(sentence)) << page;
}

TEST(Claims, OfASweepAreThoseOfTheCode) {
  const std::string code = "engine/implementation_sweep.cpp";
  const std::string most = std::to_string(number_in_code(code, R"(sweep_piece_max = ([\d']+);)"));
  const std::string least = std::to_string(number_in_code(code, R"(sweep_piece_min = ([\d']+);)"));
  const std::string rest = std::to_string(number_in_code(code, R"(sweep_rest_max\{(\d+)\};)"));
  const std::string quiet = std::to_string(number_in_code(
      "engine/threads/runner_condition.cpp", R"(tidying_pause = std::chrono::milliseconds\{(\d+)\})"));
  expect_says("docs/operating.md", "deletes up to " + most + " instances in a commit, or " + least +
                                       " while anybody else calls, and then rests up to " + rest + " ms");
  expect_says("docs/operating.md", "when nobody has called for " + quiet + " ms");
  expect_says("docs/failures.md", "pieces of " + most + ", or of " + least + " while others call");
  expect_says("docs/storage.md", "once nobody has called for " + quiet + " ms");
  EXPECT_EQ(cairn::EngineOptions{}.sweep_interval, 1min);
  expect_says("docs/operating.md", "every `EngineOptions::sweep_interval` (one minute; 0 turns it off)");
}

TEST(Claims, OfTheClockAreThoseOfTheCode) {
  const auto minutes = number_in_code("engine/conductor/clock_leaps.hpp",
                                      R"(leap_min = std::chrono::minutes\{(\d+)\})");
  for (const std::string page : {"docs/operating.md", "docs/cli.md"})
    expect_says(page, "more than " + in_words(minutes) + " minutes before");
}

TEST(Claims, OfTheFileAreThoseOfTheCode) {
  const auto moved = number_in_code("storage/sqlite/store.hpp",
                                    R"(checkpoint_bytes = std::size_t\{(\d+)\} << 20)");
  const auto pages = number_in_code("storage/sqlite/writer.hpp", R"(free_pages_min = ([\d']+);)");
  const auto part = number_in_code("storage/sqlite/writer_upkeep.cpp", R"(free < all / (\d+)\))");
  const auto piece = number_in_code("storage/sqlite/queries.hpp", R"(incremental_vacuum\((\d+)\))");
  EXPECT_EQ(part, 8U) << "an eighth";
  expect_says("docs/storage.md", "more than an eighth of the file is free (and at least " + grouped(pages) +
                                     " pages), incremental vacuum gives it back, " + std::to_string(piece) +
                                     " pages at a time");
  expect_says("docs/storage.md", "in pieces of " + std::to_string(moved) + " MiB");
  expect_says("docs/decisions.md", "Once " + std::to_string(moved) + " MiB of the log are not in the file");
  expect_says("docs/decisions.md",
              "Past " + mib(cairn::SqliteOptions{}.wal_bytes_max) + " a commit makes a checkpoint");
  const auto kept = number_in_code("storage/sqlite/working_set.hpp", R"(capacity = ([\d']+);)");
  expect_says("docs/decisions.md", "the last " + grouped(kept) + " instances");
  const auto gathered = number_in_code("storage/sqlite/log_gatherer.cpp", R"(capacity = (\d+) << 10;)");
  expect_says("docs/decisions.md", "up to " + std::to_string(gathered) + " KiB");
}

TEST(Claims, OfStepsAreThoseOfTheCode) {
  const cairn::StepOptions options;
  const cairn::Limits limits;
  EXPECT_EQ(options.retries.backoff, cairn::Backoff::exponential);
  const auto delay = options.retries.delay / 1s;
  const std::string page = "docs/workflows.md";
  expect_says(page, "| retries | " + std::to_string(options.retries.limit) + ", delay " +
                        std::to_string(delay) + " s, exponential (" + std::to_string(delay) + ", " +
                        std::to_string(2 * delay) + ", " + std::to_string(4 * delay) + " … s) |");
  expect_says(page, "| timeout of an attempt | " + std::to_string(options.timeout / 1min) + " minutes |");
  expect_says(page, "| attempts that crashes may cut off | " + std::to_string(options.crash_limit) + ",");
  expect_says(page, "`StepOptions::crash_limit` (" + std::to_string(options.crash_limit) + ")");
  expect_says(page, "`Limits::steps` steps and waits for events (" + grouped(limits.steps) + ")");
  expect_says(page,
              "`Limits::operations` of everything, sleeps as well (" + grouped(limits.operations) + ")");
  expect_says(page,
              "at most " + kib(cairn::error_text_max) + " (" + grouped(cairn::error_text_max) + " bytes)");
  const auto slow = number_in_code("engine/conductor/settle.cpp",
                                   R"(slow_resume = std::chrono::milliseconds\{(\d+)\})");
  expect_says(page, "A resume above " + std::to_string(slow) + " ms is logged");
}

TEST(Claims, OfHttpAreThoseOfTheCode) {
  const cairn::HttpOptions http;
  const std::string page = "docs/http.md";
  const auto row = [&](const std::string& options, const std::string& values) {
    expect_says(page, "| " + options + " | " + values + " |");
  };
  row("`connections`", grouped(http.connections));
  row("`requests`, that are carried out or wait for one of the `handlers` (" + grouped(http.handlers) + ")",
      grouped(http.requests));
  row("`target_bytes`, `header_bytes`, `header_fields`",
      kib(http.target_bytes) + ", " + kib(http.header_bytes) + ", " + grouped(http.header_fields));
  row("`body_bytes`, `batch_bytes`", mib(http.body_bytes) + ", " + mib(http.batch_bytes));
  row("`batch_entries`", grouped(http.batch_entries));
  row("`body_values`: JSON values in a body", grouped(http.body_values));
  row("`page_entries`", grouped(http.page_entries));
  row("`bytes_in_flight`", mib(http.bytes_in_flight));
  expect_says(page, "`per_page` up to " + grouped(http.page_entries));
  expect_says(page, "within `header_timeout` (" + seconds(http.header_timeout) + ")");
  expect_says(page, "within `handler_timeout` (" + seconds(http.handler_timeout) + ";");
  EXPECT_EQ(http.body_timeout, http.write_timeout);
  expect_says(page, "`body_timeout` and `write_timeout` (" + seconds(http.write_timeout) + ")");
  expect_says(page, "is cut off after " + seconds(http.write_timeout));
  const auto free = number_in_code("api/requests/account.hpp",
                                   R"(uncounted_bytes = std::size_t\{(\d+)\} << 10;)");
  expect_says(page, "The first " + std::to_string(free) + " KiB that each request");
  expect_says(page,
              "with `connections` they are " + mib(2 * free * kibibyte * http.connections) + " at most");
  const auto shown = number_in_code("api/handlers/describe.cpp", R"(shown_output_characters = ([\d']+);)");
  expect_says(page, "`output` up to " + grouped(shown) + " characters");
  const auto moved = number_in_code("api/connections/patience.hpp", R"(\(std::size_t\{(\d+)\} << 10\);)");
  expect_says(page, "one second more for each " + std::to_string(moved) + " KiB");
}

TEST(Claims, OfTheProgramAreThoseOfTheCode) {
  const std::string page = "docs/cli.md";
  const auto limit = number_in_code("cli/commands.hpp", R"(limit = ([\d']+);)");
  const auto most = number_in_code("cli/main.cpp", R"("at most so many, 1 to ([\d']+) \()");
  expect_says(page, "| at most so many, 1 to " + grouped(most) + "; " + std::to_string(limit) + " |");
  expect_says(page,
              "The first " + in_words(cairn::CheckOptions{}.findings_per_rule) + " findings of each rule");
  std::size_t rules = 0;
  for (const SourceFile& file : cpp_files({"check"})) {
    static const std::regex rule{"\n    \\{\"[a-z-]+\","};
    rules += static_cast<std::size_t>(std::distance(
        std::sregex_iterator{file.text.begin(), file.text.end(), rule}, std::sregex_iterator{}));
  }
  expect_says(page, "37 events, " + std::to_string(rules) + " rules)");
  const std::string main = read_file(source_dir() / "cli/main.cpp");
  static const std::regex option{"`?(--[a-z-]+)"};
  const std::string text = read_file(source_dir() / page);
  for (std::sregex_iterator at{text.begin(), text.end(), option}; at != std::sregex_iterator{}; ++at) {
    const std::string name = (*at)[1];
    if (name.find_first_not_of('-') == std::string::npos || name == "--help") continue;
    EXPECT_THAT(main, HasSubstr("\"" + name)) << page;
  }
}

// Of the codes of a health, and of the presets to build with.
TEST(Claims, OfListsAreWhole) {
  std::set<std::string> told;
  const std::string header = read_file(source_dir() / "include/cairn/health.hpp");
  static const std::regex row{R"(/// \| `([a-z_]+)` \| (?:failed|degraded) \|)"};
  for (std::sregex_iterator at{header.begin(), header.end(), row}; at != std::sregex_iterator{}; ++at)
    told.insert((*at)[1]);
  std::string code;
  for (const SourceFile& file : cpp_files({"engine", "storage", "values"})) code += file.text;
  for (const std::string& name : told) EXPECT_THAT(code, HasSubstr("\"" + name + "\"")) << "health.hpp";
  static const std::regex use{R"re(\.code = "([a-z_]+)"|complain\(health, HealthState::\w+, "([a-z_]+)")re"};
  std::size_t uses = 0;
  for (std::sregex_iterator at{code.begin(), code.end(), use}; at != std::sregex_iterator{}; ++at, ++uses)
    EXPECT_TRUE(told.contains((*at)[1].matched ? (*at)[1] : (*at)[2]))
        << at->str() << " is not in health.hpp";
  EXPECT_GT(uses, 8U);

  const std::string presets = read_file(source_dir() / "CMakePresets.json");
  const std::string page = read_file(source_dir() / "CONTRIBUTING.md");
  static const std::regex line{"\n\\| ((?:`[a-z-]+`(?:, )?)+) \\|"};
  std::size_t named = 0;
  for (std::sregex_iterator at{page.begin(), page.end(), line}; at != std::sregex_iterator{}; ++at) {
    static const std::regex preset{"`([a-z-]+)`"};
    const std::string names = (*at)[1];
    for (std::sregex_iterator one{names.begin(), names.end(), preset}; one != std::sregex_iterator{};
         ++one, ++named)
      EXPECT_THAT(presets, HasSubstr("\"name\": \"" + (*one)[1].str() + "\"")) << "CONTRIBUTING.md";
  }
  EXPECT_GT(named, 8U);
}

std::vector<SourceFile> documents() {
  std::vector<SourceFile> pages;
  for (const std::string name : {"README.md", "SECURITY.md", "CONTRIBUTING.md"})
    pages.push_back({name, read_file(source_dir() / name)});
  for (const SourceFile& file : text_files({"docs", "examples", "tests"})) {
    const bool is_measured = file.path.starts_with("docs/measurements/");  // as it was then
    if (file.path.ends_with(".md") && !is_measured) pages.push_back(file);
  }
  return pages;
}

TEST(Claims, NameFilesLinksMembersAndVariablesThatThereAre) {
  const std::vector<SourceFile> headers = cpp_files({"include"});
  std::string code;
  for (const SourceFile& file : text_files({"", ".ci", "api", "benchmarks", "check", "cli", "cmake", "engine",
                                            "examples", "scripts", "storage", "tests", "values"})) {
    if (!file.path.ends_with(".md")) code += file.text;
  }
  const std::vector<SourceFile> pages = documents();
  EXPECT_GT(pages.size(), 20U);
  for (const SourceFile& page : pages) {
    EXPECT_THAT(check_named_files(page), IsEmpty());
    EXPECT_THAT(check_links(page), IsEmpty());
    EXPECT_THAT(check_named_members(page, headers), IsEmpty());
    EXPECT_THAT(check_named_variables(page, code), IsEmpty());
  }
}

TEST(Claims, ThatAreWrongAreFound) {
  const SourceFile page{
      "docs/a.md",
      "`engine/nothing.cpp` and `engine/instance/frames.cpp`\n[a](storage.md#the-audit-trail) "
      "[b](storage.md#none)\n"
      "[c](none.md) `Limits::steps` `Limits::feet` `Nobody::knows` `CAIRN_NONE` `CAIRN_SOME`\n"};
  EXPECT_THAT(check_named_files(page), SizeIs(1));
  EXPECT_THAT(check_links(page), SizeIs(2));
  EXPECT_THAT(check_named_members(page, {{"limits.hpp", "struct Limits {\n  int steps = 1;  // feet\n};\n"}}),
              SizeIs(1));
  EXPECT_THAT(check_named_variables(page, "getenv(\"CAIRN_SOME\")"), SizeIs(1));
  EXPECT_EQ(grouped(16'384), "16,384");
  EXPECT_EQ(grouped(1'000'000), "1,000,000");
  EXPECT_EQ(grouped(100), "100");
  EXPECT_THROW(in_code("README.md", "no such (thing) stands here"), std::runtime_error);
}

}  // namespace
}  // namespace house
