#include "tests/storage/statement_log.hpp"

#include <algorithm>

namespace cairn::testing {
namespace {

StatementLog* current = nullptr;

// SQLite keeps extensions as functions without a type.
using Extension = void (*)();

}  // namespace

StatementLog::StatementLog() {
  current = this;
  sqlite3_auto_extension(reinterpret_cast<Extension>(&StatementLog::connect));
}

StatementLog::~StatementLog() {
  sqlite3_cancel_auto_extension(reinterpret_cast<Extension>(&StatementLog::connect));
  current = nullptr;
}

int StatementLog::connect(sqlite3* database, const char**, const sqlite3_api_routines*) {
  if (sqlite3_db_readonly(database, "main") != 1)
    sqlite3_trace_v2(database, SQLITE_TRACE_PROFILE, &StatementLog::note, current);
  return SQLITE_OK;
}

// Called when a statement has run.
int StatementLog::note(unsigned, void* log, void* statement, void*) {
  auto& self = *static_cast<StatementLog*>(log);
  auto* const ran = static_cast<sqlite3_stmt*>(statement);
  const std::lock_guard lock{self.mutex_};
  self.statements_.emplace_back(sqlite3_sql(ran));
  self.rows_now_ = sqlite3_total_changes64(sqlite3_db_handle(ran));
  return 0;
}

void StatementLog::reset() {
  const std::lock_guard lock{mutex_};
  statements_.clear();
  rows_before_ = rows_now_;
}

std::size_t StatementLog::size() const {
  const std::lock_guard lock{mutex_};
  return statements_.size();
}

std::size_t StatementLog::count(std::string_view beginning) const {
  const std::lock_guard lock{mutex_};
  const auto begins = [&](const std::string& sql) {
    const std::size_t first = sql.find_first_not_of(" \n");
    return first != std::string::npos && std::string_view{sql}.substr(first).starts_with(beginning);
  };
  return static_cast<std::size_t>(std::count_if(statements_.begin(), statements_.end(), begins));
}

std::set<std::string> StatementLog::all() const {
  const std::lock_guard lock{mutex_};
  return {statements_.begin(), statements_.end()};
}

std::string StatementLog::text() const {
  const std::lock_guard lock{mutex_};
  std::string text;
  for (const std::string& sql : statements_) text += sql.substr(0, 120) + "\n";
  return text;
}

std::int64_t StatementLog::rows_changed() const {
  const std::lock_guard lock{mutex_};
  return rows_now_ - rows_before_;
}

}  // namespace cairn::testing
