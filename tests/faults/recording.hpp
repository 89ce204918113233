#pragma once

#include "tests/faults/disk.hpp"
#include "tests/faults/world.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace cairn::testing {

/// The file's name in every recording.
inline constexpr const char* recorded_file = "store.db";

/// What happened to files, and what the file held after each acknowledged group, by the number of the group.
struct Recording {
  std::vector<DiskOperation> operations = {};
  std::map<std::int64_t, std::string> contents = {};
};

/// Lives in a file that is made for it. `mark`, when it is called in between, says how many operations there
/// were so far.
[[nodiscard]] Recording record_life(
    const std::function<void(World&, const std::function<std::size_t()>& mark)>& life,
    bool in_background = false);

/// What an owner does who finds these files: it opens, and closes again.
[[nodiscard]] Recording record_recovery(const Image& found);

}  // namespace cairn::testing
