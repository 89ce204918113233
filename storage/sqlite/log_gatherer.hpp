#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <string>

namespace cairn::sqlite {

// Stands between one connection and SQLite's VFS, and gathers what is written to the log: SQLite writes every
// page of it in two calls, its header and its content, one behind the other. Gathered, a group of some
// hundred pages is one call.
//
// It changes nothing of what is in the file when SQLite relies on it. What was gathered is written before
// anything but a write that follows it, or a read of other bytes, goes to the file; and SQLite tells others
// of a transaction only when it has flushed the log (`synchronous = FULL`, wal.c: sqlite3WalFrames). A write
// that fails is reported by the call that it was put off to. Until then nothing was promised.
//
// Registered under a name of its own while it lives; files that were opened through it are closed before.
class LogGatherer {
 public:
  // `vfs` is the name of the real one; empty: SQLite's default. Throws `SQLite::Exception`.
  explicit LogGatherer(const std::string& vfs);
  LogGatherer(const LogGatherer&) = delete;
  LogGatherer& operator=(const LogGatherer&) = delete;
  ~LogGatherer();

  [[nodiscard]] const std::string& name() const { return name_; }
  // How often the log was begun anew: SQLite writes its header then. For the thread that uses the connection.
  [[nodiscard]] std::size_t logs_begun() const { return known_.logs_begun; }

  // What the calls of SQLite find by their VFS.
  struct Known {
    sqlite3_vfs* real = nullptr;
    std::size_t logs_begun = 0;
  };

 private:
  std::string name_;
  Known known_;
  sqlite3_vfs vfs_ = {};
};

}  // namespace cairn::sqlite
