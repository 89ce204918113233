#pragma once

#include "benchmarks/database.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::benchmarks {

// Batches of UUIDv7 that rise, as cairn makes them.
class RisingIds {
 public:
  explicit RisingIds(std::size_t batch) : ids_(batch) {}
  // Makes the next batch.
  const std::vector<std::string>& next();
  [[nodiscard]] const std::vector<std::string>& now() const { return ids_; }

 private:
  std::vector<std::string> ids_;
  std::uint64_t state_ = 1;
};

// What a program would write that needs no workflows: one rowid table with the columns of an instance and its
// indexes, one transaction a batch, prepared `INSERT … ON CONFLICT DO NOTHING` of one row each, or of
// several.
class Yardstick {
 public:
  // Makes the file anew. Throws `std::runtime_error` with SQLite's message; so does `insert`.
  explicit Yardstick(const std::filesystem::path& file, std::size_t rows_in_statement = 1);

  // One batch, durable when it returns. The ids are there already. What is left over from whole statements
  // goes row by row.
  void insert(const std::vector<std::string>& ids, std::string_view params);

 private:
  static void bind_shared(const Database::Statement& statement, long long created);

  std::size_t rows_in_statement_;
  Database database_;
  Database::Statement insert_one_;
  Database::Statement insert_block_;
};

}  // namespace cairn::benchmarks
