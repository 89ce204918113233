#pragma once

#include <cairn/store.hpp>

#include <filesystem>
#include <map>
#include <string>

namespace cairn::testing {

// All that a store says of its instances, by id. The ids are told apart over all workflows.
using Record = std::map<std::string, History>;

// The name of a step as a body sees it, such as `charge card-1`.
[[nodiscard]] std::string full_name(const StepRow& step);

// Reads what a dead program left in its file. The file and its log stay as they are: copies are opened, in
// the folder `aside`, which is emptied before. No file: no instances.
[[nodiscard]] Record read_record(const std::filesystem::path& file, const std::filesystem::path& aside);

// "ok", or what SQLite finds wrong with the copy that `read_record` made.
[[nodiscard]] std::string integrity_of_copy(const std::filesystem::path& aside);

}  // namespace cairn::testing
