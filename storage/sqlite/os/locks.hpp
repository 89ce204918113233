#pragma once

#include "storage/sqlite/os/descriptor.hpp"

#include <cstdint>

namespace cairn::sqlite::os {

// Locks end with the process, and belong to the descriptor by which they were taken: no other one that this
// process closes takes them away, as it does with POSIX locks. A child of `fork` would share them, see
// `OwnDescriptor`.

// The whole file, for this descriptor alone (flock). When it cannot be had, `why()` is
// `operation_would_block` if somebody else has it.
[[nodiscard]] bool lock_alone(const Descriptor& file) noexcept;

struct Range {
  std::int64_t first = 0;
  std::int64_t bytes = 0;
};

// A part of the file, together with others that share it (F_OFD_SETLK): nobody can have it alone meanwhile,
// by POSIX locks either, not even this process. `why()` is `resource_unavailable_try_again` if somebody has
// it alone.
[[nodiscard]] bool share(const Descriptor& file, Range range) noexcept;
[[nodiscard]] bool give_up(const Descriptor& file, Range range) noexcept;

// Whether another one has a lock in that part, or it cannot be told. Takes none.
[[nodiscard]] bool is_held(const Descriptor& file, Range range) noexcept;

// SQLite's own for a file that somebody has open, part of its format (sqlite.org/fileformat2.html
// #the_lock_byte_page; os.h: SHARED_FIRST, SHARED_SIZE).
inline constexpr Range file_in_use{.first = 0x40000002, .bytes = 510};

}  // namespace cairn::sqlite::os
