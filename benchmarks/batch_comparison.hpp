#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

// How fast cairn creates instances, against the plain SQLite loop of yardstick.hpp. Shared by the benchmark
// and by `cairn bench`.
namespace cairn::benchmarks {

struct Comparison {
  std::size_t batch = 1'000;                  // rows in one transaction
  std::size_t params_bytes = 100;             // of JSON text a row
  std::size_t rows_max = 300'000;             // for each side, so that a fast machine does not fill the disk
  std::chrono::milliseconds time_max{1'000};  // for each side
  bool multi_row = false;                     // runs the yardstick with many rows a statement as well
};

struct Rates {
  double cairn = 0;  // rows a second
  double yardstick = 0;
  double multi_row = 0;  // the yardstick with up to 50 rows a statement, if it was asked for
  [[nodiscard]] double ratio() const { return cairn / yardstick; }
};

// Runs the sides in turns of about 50 ms, each on a new file in `folder`, which are removed at the end: what
// disturbs the machine for longer than a turn hits all alike.
//
// cairn's side is the public API: an engine that is not started, `create_batch` with a typed string as params
// and no ids. Timed are encoding, checking, making ids, writing, and taking the result apart; not what the
// caller brings. The yardstick gets its ids and its params ready made, so it is the store alone. All pay for
// the checkpoints that fall within their turns.
//
// Throws `std::exception`s of any side.
[[nodiscard]] Rates compare(const std::filesystem::path& folder, const Comparison& comparison);

// The repetitions of one comparison.
struct Line {
  Comparison comparison;
  std::vector<Rates> repetitions;
};

// Medians, and the smallest and largest ratio, a line each; at most 80 columns.
[[nodiscard]] std::string format_table(const std::vector<Line>& lines);

}  // namespace cairn::benchmarks
