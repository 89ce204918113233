#pragma once

#include <cstdint>

namespace cairn {

/// The store's own number of an instance; never used again in the life of a store, not even after a deletion.
using Key = std::int64_t;

}  // namespace cairn
