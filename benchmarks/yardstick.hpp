#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace cairn::benchmarks {

// What a program would write that needs no workflows: the sqlite3 C API, one rowid table with the columns of
// an instance and its indexes, WAL, `synchronous=FULL`, a cache of 64 MiB and SQLite's own page size and
// checkpoints; one transaction a batch, one prepared `INSERT … ON CONFLICT DO NOTHING` a row.
class Yardstick {
 public:
  // Makes the file anew. Throws `std::runtime_error` with SQLite's message; so does `insert`.
  explicit Yardstick(const std::filesystem::path& file);

  // One batch, durable when it returns. The ids are there already.
  void insert(const std::vector<std::string>& ids, std::string_view params);

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept;
    void operator()(sqlite3_stmt* statement) const noexcept;
  };

  [[nodiscard]] std::unique_ptr<sqlite3_stmt, Close> prepare(const char* sql);
  void execute(const char* sql);
  void run(sqlite3_stmt* statement);
  void check(int result) const;

  std::unique_ptr<sqlite3, Close> database_;
  std::unique_ptr<sqlite3_stmt, Close> begin_;
  std::unique_ptr<sqlite3_stmt, Close> insert_;
  std::unique_ptr<sqlite3_stmt, Close> commit_;
};

}  // namespace cairn::benchmarks
