#pragma once

#include <cstddef>

namespace cairn::sqlite {

// Of a write-ahead log: sqlite.org/fileformat2.html#the_write_ahead_log
inline constexpr std::size_t log_header_bytes = 32;
inline constexpr std::size_t frame_header_bytes = 24;

// How long a log is, and how much of it was moved into the file by the checkpoints of one who writes it.
struct LogExtent {
  std::size_t number = 0;  // counts how often it was begun anew, or emptied
  std::size_t pages = 0;   // since then
  std::size_t moved = 0;   // of these
};

}  // namespace cairn::sqlite
