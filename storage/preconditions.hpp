#pragma once

#include <cairn/store.hpp>

#include <map>
#include <span>

namespace cairn::storage {

// Instances and steps share one number in files: 39 bits for the key, 24 for the sequence.
inline constexpr Key key_max = (Key{1} << 39) - 1;
inline constexpr Sequence sequence_max = (Sequence{1} << 24) - 1;

// Throws `Error` when a change is not well formed: a fault of the engine, not of its callers. Asked before
// the first write of a group, so that nothing of it is written. `versions` maps every known version to its
// workflow.
void check_group(std::span<const Change> group, Key next_key,
                 const std::map<std::int64_t, std::int64_t>& versions);

}  // namespace cairn::storage
