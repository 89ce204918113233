#pragma once

#include "storage/clocks.hpp"
#include "storage/sqlite/connection.hpp"

#include <cstdint>
#include <limits>
#include <optional>

namespace cairn::sqlite {

[[nodiscard]] storage::ClockState read_clocks(Connection& connection);
[[nodiscard]] storage::Leaps read_leaps(Connection& connection);
void write_clocks(Connection& connection, const storage::ClockState& clocks);

// As whom rows are read.
struct Sight {
  std::int64_t epoch = 0;
  // The owner's, see `Clocks::moves_from`. Who does not own the store moves nothing.
  std::int64_t moves_from = std::numeric_limits<std::int64_t>::max();
  const storage::Leaps* leaps = nullptr;  // of whoever writes: what stands in the file; none: it is asked
};

// What rows look like for the length of one read.
class View {
 public:
  View(Connection& connection, const Sight& sight) : connection_{connection}, sight_{sight} {}

  [[nodiscard]] std::int64_t epoch() const { return sight_.epoch; }
  [[nodiscard]] std::int64_t moves_from() const { return sight_.moves_from; }
  // Asked only while the query runs that has brought the row, so that both are of one snapshot. Most rows
  // have no time that moves, and then nothing is read for them.
  [[nodiscard]] const storage::Leaps& leaps() {
    if (sight_.leaps != nullptr) return *sight_.leaps;
    if (!read_) read_ = read_leaps(connection_);
    return *read_;
  }

 private:
  Connection& connection_;
  Sight sight_;
  std::optional<storage::Leaps> read_;
};

}  // namespace cairn::sqlite
