#pragma once

#include "tests/storage/counting_vfs.hpp"

#include <cstdint>
#include <optional>

namespace cairn::testing {

/// How a call of the operating system about a file fails.
enum class IoFault : std::uint8_t {
  error_once,
  error_for_long,
  full_once,
  full_for_long,
  error_after_the_work
};
inline constexpr IoFault all_io_faults[] = {IoFault::error_once, IoFault::error_for_long, IoFault::full_once,
                                            IoFault::full_for_long, IoFault::error_after_the_work};

[[nodiscard]] constexpr bool lasts(IoFault fault) {
  return fault == IoFault::error_for_long || fault == IoFault::full_for_long;
}

/// What SQLite's own VFS answers in such a case; nothing: this call does not fail so.
[[nodiscard]] std::optional<int> result_of(IoFault fault, CountingVfs::Operation operation);

}  // namespace cairn::testing
