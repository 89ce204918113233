#include "storage/sqlite/connection.hpp"

#include "storage/sqlite/queries.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace cairn::sqlite {
namespace {

int open_flags(const ConnectionOptions& options, Role role) {
  // Each connection is used by one thread at a time, so SQLite's own mutex would only cost.
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= role == Role::writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  if (is_in_memory(options.path)) flags |= SQLITE_OPEN_CREATE;
  if (options.immutable) flags |= SQLITE_OPEN_URI;
  return flags;
}

// Without a log beside it, a file can be read only by a connection that would make one, or that is told that
// nothing will change.
std::string name_of(const ConnectionOptions& options) {
  if (!options.immutable) return options.path;
  std::string uri = "file:";
  for (const char c : options.path) {
    if (c == '%' || c == '?' || c == '#') {
      constexpr std::string_view digits = "0123456789abcdef";
      uri += {'%', digits[static_cast<unsigned char>(c) >> 4], digits[static_cast<unsigned char>(c) & 0x0f]};
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

Connection::Connection(const ConnectionOptions& options, Role role)
    : gatherer_{role == Role::writes && !is_in_memory(options.path)
                    ? std::make_unique<LogGatherer>(options.vfs)
                    : nullptr},
      database_{name_of(options), open_flags(options, role), static_cast<int>(options.busy.count()),
                gatherer_ ? gatherer_->name() : options.vfs},
      busy_ms_{static_cast<int>(options.busy.count())} {
  set_up(options, role);
}

void Connection::set_up(const ConnectionOptions& options, Role role) {
  leave_log_alone(true);  // first of all: whatever fails here closes the file again
  if (role == Role::writes) require_writable(options);
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_limit(handle(), SQLITE_LIMIT_ATTACHED, 0);
  execute("PRAGMA cache_size = -" + std::to_string(options.cache_bytes / 1024));
  execute("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY");
  if (role == Role::reads) {
    execute("PRAGMA query_only = ON");
    return;
  }
  // Deleted content is overwritten where that costs no further page; the default of some builds writes every
  // freed page.
  execute("PRAGMA secure_delete = FAST; PRAGMA foreign_keys = ON");
  require("PRAGMA foreign_keys", "1");
  if (is_in_memory(options.path)) return;
  // These two only take hold in a file without a page; to any other the second would still be a transaction.
  if (pragma("page_count") == 0) {
    execute("PRAGMA page_size = " + std::to_string(options.page_bytes) +
            "; PRAGMA auto_vacuum = INCREMENTAL");
  }
  set_up_log(options);
}

// When the file cannot be opened for writing, be it that for this once there was no descriptor, SQLite opens
// it for reading instead, and says so only here. Such a connection would never write again.
void Connection::require_writable(const ConnectionOptions& options) const {
  if (sqlite3_db_readonly(handle(), "main") == 0) return;
  throw Error{Errc::store_failed, options.path + " could only be opened for reading"};
}

void Connection::set_up_log(const ConnectionOptions& options) {
  require("PRAGMA journal_mode = WAL", "wal");
  execute("PRAGMA synchronous = FULL");
  require("PRAGMA synchronous", "2");
  // Checkpoints are made by `maintain`, after the callers have their answers.
  require("PRAGMA wal_autocheckpoint = 0", "0");
  execute("PRAGMA journal_size_limit = " + std::to_string(options.log_bytes_kept));
  page_bytes_ = static_cast<std::size_t>(pragma("page_size"));
  sqlite3_wal_hook(handle(), &Connection::note_log_pages, this);
}

int Connection::note_log_pages(void* connection, sqlite3*, const char*, int pages) noexcept {
  static_cast<Connection*>(connection)->note_log_pages(static_cast<std::size_t>(pages));
  return SQLITE_OK;
}

void Connection::note_log_pages(std::size_t pages) noexcept {
  const std::size_t begun = gatherer_ ? gatherer_->logs_begun() : 0;
  if (std::exchange(logs_begun_, begun) != begun || pages < log_.pages) log_ = {.number = log_.number + 1};
  log_.pages = pages;
}

void Connection::note_moved(std::size_t pages, std::size_t log_number) {
  if (log_number == log_.number) log_.moved = std::clamp(pages, log_.moved, log_.pages);
}

std::int64_t Connection::pragma(const std::string& name) {
  return database_.execAndGet("PRAGMA " + name).getInt64();
}

bool Connection::checkpoint(bool empty) {
  int pages = 0;
  int moved = 0;
  // A reader of another process may take its time, and nobody waits for it.
  sqlite3_busy_timeout(handle(), 0);
  const int mode = empty ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  const int result = sqlite3_wal_checkpoint_v2(handle(), "main", mode, &pages, &moved);
  sqlite3_busy_timeout(handle(), busy_ms_);
  if (result != SQLITE_OK && (result & 0xff) != SQLITE_BUSY) throw SQLite::Exception{handle(), result};
  if (pages < 0) return false;  // another one is being made
  note_log_pages(static_cast<std::size_t>(pages));
  log_.moved = static_cast<std::size_t>(moved);
  return result == SQLITE_OK && pages == moved;
}

void Connection::flush_file() {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == nullptr || file->pMethods == nullptr) return;
  const int result = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
  if (result != SQLITE_OK) throw SQLite::Exception{"cannot flush the file", result};
}

void Connection::require(const char* pragma, const std::string& value) {
  const std::string found = database_.execAndGet(pragma).getString();
  if (found != value) {
    throw Error{Errc::store_failed, std::string{pragma} + " gave '" + found + "' instead of '" + value + "'"};
  }
}

SQLite::Statement& Connection::kept(const char* sql) {
  auto& statement = statements_[sql];
  if (!statement) statement = std::make_unique<SQLite::Statement>(database_, sql);
  return *statement;
}

bool Connection::roll_back() noexcept {
  // A failure of SQLite may have rolled back by itself; there is nothing left to do then.
  if (sqlite3_get_autocommit(handle()) == 0) database_.tryExec("ROLLBACK");
  return sqlite3_get_autocommit(handle()) != 0;
}

void Connection::leave_log_alone(bool alone) noexcept {
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, alone ? 1 : 0, nullptr);
}

Snapshot::Snapshot(Connection& connection) : connection_{connection} {
  connection_.run(queries::begin);
}

Snapshot::~Snapshot() {
  static_cast<void>(connection_.roll_back());
}

}  // namespace cairn::sqlite
