#include "tests/check/damaged_file.hpp"

#include "tests/simulation/kept_check.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <sqlite3.h>

#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace cairn::testing {

namespace {

std::string read(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

DamagedFile::DamagedFile(Format format) {
  std::string name = (std::filesystem::temp_directory_path() / "cairn-check-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder");
  folder_ = name;
  file_ = folder_ / "orders.db";
  std::filesystem::copy_file(std::filesystem::path{CAIRN_KEPT_FILES} / "v1.cairn", file_);
  if (format == Format::newest) {
    damage(read(std::filesystem::path{CAIRN_MIGRATIONS} / "0002_clocks.sql"));
    damage("PRAGMA user_version = 2");
  }
  // Its sleeps ended before they were due, and without a result, which no engine does.
  damage("UPDATE step SET output = 'null', due = ended WHERE kind = 1 AND ended IS NOT NULL");
}

DamagedFile::~DamagedFile() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

CheckReport DamagedFile::check(const CheckOptions& options) const {
  static KeptCheck kept;  // over all tests of the program
  const CheckReport report = check_file(file_, options);
  CheckReport again;
  try {
    again = kept.check(file_, options);
  } catch (const SQLite::Exception&) {
    EXPECT_THAT(text(report), ::testing::HasSubstr("malformed")) << "nothing can be copied";
    return report;
  }
  EXPECT_EQ(text(again), text(report));
  EXPECT_EQ(again.violations, report.violations);
  EXPECT_EQ(again.rules, report.rules);
  EXPECT_EQ(again.instances, report.instances);
  EXPECT_EQ(again.steps, report.steps);
  EXPECT_EQ(again.events, report.events);
  return report;
}

int DamagedFile::damage(const std::string& sql) {
  SQLite::Database database{file_.string(), SQLite::OPEN_READWRITE};
  database.exec("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON");
  // The file's audit trail would take part in the damage.
  sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  return database.exec(sql);
}

void DamagedFile::scratch(std::size_t at, const std::string& bytes) {
  std::fstream file{file_, std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(static_cast<std::streamoff>(at));
  file << bytes;
  if (!file.flush()) throw std::runtime_error("cannot write to the file");
}

bool finds(const CheckReport& report, std::string_view rule) {
  return std::any_of(report.findings.begin(), report.findings.end(),
                     [&](const Finding& finding) { return finding.rule == rule; });
}

std::string text(const CheckReport& report) {
  std::string all;
  for (const Finding& finding : report.findings)
    all += finding.rule + ": " + finding.subject + " " + finding.what + "\n";
  return all;
}

}  // namespace cairn::testing
