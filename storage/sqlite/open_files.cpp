#include "storage/sqlite/open_files.hpp"

#include "storage/sqlite/os/processes.hpp"

namespace cairn::sqlite {

OpenFiles& OpenFiles::of_this_process() {
  static OpenFiles files;
  return files;
}

void OpenFiles::insert(const os::FileId& file) {
  files_.emplace(file, os::process_number());
}

std::optional<std::string> OpenFiles::owner_of(const os::FileId& file) const {
  const auto found = files_.find(file);
  if (found == files_.end()) return std::nullopt;
  const std::string process = std::to_string(found->second);
  if (found->second == os::process_number()) return "this process (" + process + ")";
  return "process " + process + ", of which this one is a fork" +
         (os::is_running(found->second)
              ? ""
              : "; that has ended, and only a program that this one becomes by exec can open the file");
}

}  // namespace cairn::sqlite
