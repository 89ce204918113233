#include "benchmarks/yardstick.hpp"

#include <sqlite3.h>

#include <chrono>
#include <stdexcept>

namespace cairn::benchmarks {
namespace {

constexpr char set_up[] = R"(
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA cache_size = -65536;
  CREATE TABLE instance (
    workflow          INTEGER,
    id                TEXT,
    status            INTEGER,
    version_id        TEXT,
    params            TEXT,
    created           INTEGER,
    success_retention INTEGER,
    error_retention   INTEGER,
    expires_at        INTEGER,
    UNIQUE (workflow, id)
  );
  CREATE INDEX by_status ON instance (workflow, status, created);
  CREATE INDEX by_expiry ON instance (expires_at) WHERE expires_at IS NOT NULL;
)";

constexpr char insert_row[] = R"(
  INSERT INTO instance (workflow, id, status, version_id, params, created, success_retention, error_retention)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING)";

constexpr std::string_view version_id = "0b5e8f0c-3c1d-4a57-9e0f-6d2a1c7b9e44";
constexpr sqlite3_int64 success_retention = 30 * 60 * 1'000;
constexpr sqlite3_int64 error_retention = 7 * 24 * 60 * 60 * 1'000;

void bind_text(sqlite3_stmt* statement, int index, std::string_view text) {
  sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

}  // namespace

void Yardstick::Close::operator()(sqlite3* database) const noexcept {
  sqlite3_close(database);
}
void Yardstick::Close::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

Yardstick::Yardstick(const std::filesystem::path& file) {
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int result = sqlite3_open_v2(file.c_str(), &opened, flags, nullptr);
  database_.reset(opened);
  check(result);
  execute(set_up);
  begin_ = prepare("BEGIN IMMEDIATE");
  insert_ = prepare(insert_row);
  commit_ = prepare("COMMIT");
}

void Yardstick::insert(const std::vector<std::string>& ids, std::string_view params) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const sqlite3_int64 created = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  run(begin_.get());
  for (const std::string& id : ids) {
    sqlite3_bind_int64(insert_.get(), 1, 1);
    bind_text(insert_.get(), 2, id);
    sqlite3_bind_int64(insert_.get(), 3, 0);
    bind_text(insert_.get(), 4, version_id);
    bind_text(insert_.get(), 5, params);
    sqlite3_bind_int64(insert_.get(), 6, created);
    sqlite3_bind_int64(insert_.get(), 7, success_retention);
    sqlite3_bind_int64(insert_.get(), 8, error_retention);
    run(insert_.get());
  }
  run(commit_.get());
}

std::unique_ptr<sqlite3_stmt, Yardstick::Close> Yardstick::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
  return std::unique_ptr<sqlite3_stmt, Close>{statement};
}

void Yardstick::execute(const char* sql) {
  check(sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr));
}

void Yardstick::run(sqlite3_stmt* statement) {
  sqlite3_step(statement);
  check(sqlite3_reset(statement));
}

void Yardstick::check(int result) const {
  if (result != SQLITE_OK) throw std::runtime_error{sqlite3_errmsg(database_.get())};
}

}  // namespace cairn::benchmarks
