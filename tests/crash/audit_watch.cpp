#include "tests/crash/audit_watch.hpp"

#include <sqlite3.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace cairn::testing {
namespace {

// Someone else holds a lock that cannot be waited for, because he is frozen.
struct CannotRead : std::runtime_error {
  using std::runtime_error::runtime_error;
};

constexpr const char* packages = R"(
  SELECT count(*) FROM instance JOIN workflow USING (workflow) WHERE name = 'verify-package')";
constexpr const char* packages_ended = R"(
  SELECT count(*) FROM instance JOIN workflow USING (workflow)
  WHERE name = 'verify-package' AND ended IS NOT NULL)";
constexpr const char* audits_complete = R"(
  SELECT count(*) FROM instance JOIN workflow USING (workflow) WHERE name = 'verify-audit' AND status = 5)";
constexpr const char* reports = R"(
  SELECT count(*) FROM instance JOIN workflow USING (workflow) WHERE name = 'verify-report')";
constexpr const char* concluding = "SELECT count(*) FROM step WHERE name = 'conclude' AND ended IS NULL";
constexpr const char* sweeping = "SELECT count(*) FROM step WHERE name = 'sweep' AND ended IS NULL";
constexpr const char* in_flight = R"(
  SELECT id, attempt FROM step WHERE kind = 0 AND ended IS NULL AND due IS NULL)";

using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

Statement prepare(sqlite3* database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) != SQLITE_OK) {
    throw CannotRead{sqlite3_errmsg(database)};
  }
  return {statement, &sqlite3_finalize};
}

bool step(sqlite3* database, const Statement& statement) {
  const int result = sqlite3_step(statement.get());
  if (result != SQLITE_ROW && result != SQLITE_DONE) throw CannotRead{sqlite3_errmsg(database)};
  return result == SQLITE_ROW;
}

// Whether the process works with the shared memory of that database.
bool has_opened(pid_t process, const std::filesystem::path& file) {
  std::ifstream maps{"/proc/" + std::to_string(process) + "/maps"};
  const std::string shared_memory = file.string() + "-shm";
  for (std::string line; std::getline(maps, line);) {
    if (line.ends_with(shared_memory)) return true;
  }
  return false;
}

}  // namespace

std::string to_string(const AuditState& state) {
  std::ostringstream text;
  text << "epoch " << state.epoch << ", commit " << state.commit_seq << ", packages " << state.packages_ended
       << '/' << state.packages << " ended, " << state.in_flight.size() << " bodies";
  if (state.concluding > 0) text << ", " << state.concluding << " concluding";
  if (state.reporting) text << (state.sweeping ? ", sweeping" : ", reporting");
  return text.str();
}

AuditWatch::~AuditWatch() {
  sqlite3_close(database_);
}

bool AuditWatch::open() {
  if (database_ != nullptr) return true;
  if (!has_opened(program_, file_)) return false;
  if (sqlite3_open_v2(file_.c_str(), &database_, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) {
    sqlite3_close(database_);
    database_ = nullptr;
    return false;
  }
  // What is in the log stays there, for the program's next life.
  sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  return true;
}

std::int64_t commits_of(const std::filesystem::path& file) {
  sqlite3* database = nullptr;
  sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READONLY, nullptr);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> closing{database, &sqlite3_close};
  const Statement statement = prepare(database, "SELECT commit_seq FROM owner");
  return step(database, statement) ? sqlite3_column_int64(statement.get(), 0) : 0;
}

std::int64_t AuditWatch::number(const char* sql) {
  const Statement statement = prepare(database_, sql);
  return step(database_, statement) ? sqlite3_column_int64(statement.get(), 0) : 0;
}

std::optional<AuditState> AuditWatch::look() {
  if (!open()) return std::nullopt;
  try {
    step(database_, prepare(database_, "BEGIN"));
    AuditState state{.epoch = number("SELECT epoch FROM owner"),
                     .commit_seq = number("SELECT commit_seq FROM owner"),
                     .packages = number(packages),
                     .packages_ended = number(packages_ended),
                     .concluding = number(concluding),
                     .audit_complete = number(audits_complete) > 0,
                     .reporting = number(reports) > 0,
                     .sweeping = number(sweeping) > 0};
    const Statement running = prepare(database_, in_flight);
    while (step(database_, running)) {
      state.in_flight.emplace(sqlite3_column_int64(running.get(), 0), sqlite3_column_int64(running.get(), 1));
    }
    step(database_, prepare(database_, "ROLLBACK"));
    return state;
  } catch (const CannotRead&) {
    sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
    return std::nullopt;
  }
}

}  // namespace cairn::testing
