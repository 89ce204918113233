#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace cairn::benchmarks {

// The sqlite3 C API as the yardsticks use it: one connection with WAL, `synchronous=FULL` and a cache of 64
// MiB; page size and checkpoints as SQLite has them. Everything throws `std::runtime_error` with SQLite's
// message.
class Database {
 public:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  // Opens the file, or makes it, and runs `schema`.
  Database(const std::filesystem::path& file, const char* schema);

  [[nodiscard]] Statement prepare(const char* sql);
  void execute(const char* sql);
  // Steps it once, and makes it ready for the next time.
  void run(const Statement& statement);
  void begin() { run(begin_); }
  // Durable when it returns.
  void commit() { run(commit_); }

  // The text must live until the statement has run.
  static void bind(const Statement& statement, int index, std::string_view text);
  static void bind(const Statement& statement, int index, long long number);

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept;
  };
  void check(int result) const;

  std::unique_ptr<sqlite3, Close> database_;
  Statement begin_;
  Statement commit_;
};

}  // namespace cairn::benchmarks
