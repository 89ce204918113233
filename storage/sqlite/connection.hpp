#pragma once

#include "storage/sqlite/log_format.hpp"
#include "storage/sqlite/log_gatherer.hpp"
#include "storage/sqlite/statement.hpp"

#include <cairn/time.hpp>

#include <SQLiteCpp/Database.h>

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

namespace cairn::sqlite {

enum class Role : std::uint8_t { writes, reads };

struct ConnectionOptions {
  std::string path = {};  // or ":memory:"
  std::string vfs = {};   // empty: SQLite's own
  Duration busy = std::chrono::seconds{2};
  std::size_t cache_bytes = std::size_t{2} << 20;
  std::size_t log_bytes_kept = std::size_t{64} << 20;  // a longer log file is cut when it begins anew
  int page_bytes = 4096;                               // of a file that is yet to be made
  bool immutable = false;                              // for reads of a file that nobody has open
};

inline bool is_in_memory(const std::string& path) {
  return path == ":memory:";
}

// A connection set up for durability and distrust, with its statements kept prepared. Used by one thread at a
// time.
class Connection {
 public:
  // Throws `SQLite::Exception`, or `Error` when a setting that durability rests on does not hold, or when the
  // file could only be opened for reading.
  Connection(const ConnectionOptions& options, Role role);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A use of the statement `sql`, a constant of queries.hpp: prepared at its first use, and found by its
  // address.
  template <class... Values>
  [[nodiscard]] Use use(const char* sql, const Values&... values) {
    return Use{kept(sql), values...};
  }

  // Carries out a statement that has no rows; how many rows it changed.
  template <class... Values>
  int run(const char* sql, const Values&... values) {
    return use(sql, values...).run();
  }

  // The one number that a query answers.
  template <class... Values>
  [[nodiscard]] std::int64_t number(const char* sql, const Values&... values) {
    Use query = use(sql, values...);
    std::int64_t value = 0;
    if (query.step()) query.read(value);
    return value;
  }

  // SQL that is run once.
  void execute(const std::string& sql) { database_.exec(sql); }

  // The number that a pragma answers.
  [[nodiscard]] std::int64_t pragma(const std::string& name);

  // Ends a transaction that was not committed, if there is one. Whether the connection is fit for another.
  [[nodiscard]] bool roll_back() noexcept;

  // Moves the log into the file as far as readers allow, or (`empty`) moves everything and empties it, if
  // there is no reader. Whether that was done to the end. Throws `SQLite::Exception`.
  bool checkpoint(bool empty);

  // Flushes the file, without its log. A checkpoint does so only when it has moved the whole log: what one in
  // the background has moved is left to the next one otherwise. Throws `SQLite::Exception`.
  void flush_file();

  // What another connection's checkpoint has moved of the log that is counted as `log_number`.
  void note_moved(std::size_t pages, std::size_t log_number);
  [[nodiscard]] const LogExtent& log() const { return log_; }
  [[nodiscard]] std::size_t log_bytes() const { return log_.pages * page_bytes_; }
  [[nodiscard]] std::size_t unmoved_log_bytes() const { return (log_.pages - log_.moved) * page_bytes_; }

  // Whether closing the connection leaves the log as it is, instead of moving it into the file. So it does
  // until somebody has found that the two belong together.
  void leave_log_alone(bool alone) noexcept;

  [[nodiscard]] sqlite3* handle() const { return database_.getHandle(); }

 private:
  SQLite::Statement& kept(const char* sql);
  void set_up(const ConnectionOptions& options, Role role);
  void require_writable(const ConnectionOptions& options) const;
  void set_up_log(const ConnectionOptions& options);
  void require(const char* pragma, const std::string& value);
  void note_log_pages(std::size_t pages) noexcept;
  static int note_log_pages(void* connection, sqlite3* handle, const char* schema, int pages) noexcept;

  std::unique_ptr<LogGatherer> gatherer_;  // of a connection that writes a log
  SQLite::Database database_;
  std::unordered_map<const char*, std::unique_ptr<SQLite::Statement>> statements_;
  LogExtent log_;
  std::size_t logs_begun_ = 0;  // as of the last look
  std::size_t page_bytes_ = 0;
  int busy_ms_ = 0;
};

// One snapshot for all reads until it goes out of scope.
class Snapshot {
 public:
  explicit Snapshot(Connection& connection);
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot();

 private:
  Connection& connection_;
};

}  // namespace cairn::sqlite
