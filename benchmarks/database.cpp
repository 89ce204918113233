#include "benchmarks/database.hpp"

#include <sqlite3.h>

#include <stdexcept>

namespace cairn::benchmarks {

void Database::Close::operator()(sqlite3* database) const noexcept {
  sqlite3_close(database);
}
void Database::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

Database::Database(const std::filesystem::path& file, const char* schema) {
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int result = sqlite3_open_v2(file.c_str(), &opened, flags, nullptr);
  database_.reset(opened);
  check(result);
  execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536");
  execute(schema);
  begin_ = prepare("BEGIN IMMEDIATE");
  commit_ = prepare("COMMIT");
}

Database::Statement Database::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
  return Statement{statement};
}

void Database::execute(const char* sql) {
  check(sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr));
}

void Database::run(const Statement& statement) {
  sqlite3_step(statement.get());
  check(sqlite3_reset(statement.get()));
}

void Database::bind(const Statement& statement, int index, std::string_view text) {
  sqlite3_bind_text(statement.get(), index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

void Database::bind(const Statement& statement, int index, long long number) {
  sqlite3_bind_int64(statement.get(), index, number);
}

void Database::check(int result) const {
  if (result != SQLITE_OK) throw std::runtime_error{sqlite3_errmsg(database_.get())};
}

}  // namespace cairn::benchmarks
