#pragma once

#include <cstddef>

namespace cairn::sqlite {

// Of a write-ahead log: sqlite.org/fileformat2.html#the_write_ahead_log
inline constexpr std::size_t log_header_bytes = 32;
inline constexpr std::size_t frame_header_bytes = 24;

}  // namespace cairn::sqlite
