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
// indexes, one transaction a batch, one prepared `INSERT … ON CONFLICT DO NOTHING` a row.
class Yardstick {
 public:
  // Makes the file anew. Throws `std::runtime_error` with SQLite's message; so does `insert`.
  explicit Yardstick(const std::filesystem::path& file);

  // One batch, durable when it returns. The ids are there already.
  void insert(const std::vector<std::string>& ids, std::string_view params);

 private:
  Database database_;
  Database::Statement insert_;
};

}  // namespace cairn::benchmarks
