#pragma once

#include <cstdint>

namespace cairn::engine {

/// Number of one stay of an instance in memory. A message that names an older stay finds nothing.
using Residency = std::uint64_t;

}  // namespace cairn::engine
