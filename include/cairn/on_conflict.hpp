#pragma once

#include <cstdint>

namespace cairn {

/// What happens when an id of a batch is taken.
enum class OnConflict : std::uint8_t {
  skip,  ///< that entry is left out and reported; the same call again creates nothing twice
  fail,  ///< the whole batch is refused
};

}  // namespace cairn
