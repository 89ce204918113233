#pragma once

#include <cairn/store.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace cairn::testing {

// All that a store says of its instances, by id. The ids are told apart over all workflows.
using Record = std::map<std::string, History>;

// The name of a step as a body sees it, such as `charge card-1`.
[[nodiscard]] std::string full_name(const StepRow& step);

// What a dead program left in its file.
struct Remains {
  std::vector<std::string> faults = {};  // what `check_file` finds
  Record record = {};
};

// The file and its log stay as they are: copies are looked at, in the folder `aside`, which is emptied
// before. No file: no instances.
[[nodiscard]] Remains read_remains(const std::filesystem::path& file, const std::filesystem::path& aside);

}  // namespace cairn::testing
