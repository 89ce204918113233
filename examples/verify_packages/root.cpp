#include "root.hpp"

#include <deque>
#include <string>
#include <system_error>
#include <utility>

namespace verify {
namespace {

constexpr int links_max = 40;  // as Linux has it

std::deque<std::string> parts_of(const std::filesystem::path& path) {
  std::deque<std::string> parts;
  for (const std::filesystem::path& part : path.relative_path()) {
    if (!part.empty() && part != ".") parts.push_back(part.native());
  }
  return parts;
}

}  // namespace

Root::Root(std::filesystem::path folder) : folder_{std::move(folder)} {}

std::filesystem::path Root::locate(std::string_view path) const {
  if (folder_ == "/")
    return folder_ / std::filesystem::path{path}.relative_path();  // the kernel follows the links

  std::deque<std::string> rest = parts_of(path);
  std::deque<std::string> walked;
  int links = 0;
  const auto here = [&] {
    std::filesystem::path place = folder_;
    for (const std::string& part : walked) place /= part;
    return place;
  };

  while (!rest.empty()) {
    const std::string part = std::move(rest.front());
    rest.pop_front();
    if (part == "..") {
      if (!walked.empty()) walked.pop_back();
      continue;
    }
    walked.push_back(part);
    if (rest.empty()) break;

    std::error_code no_link;
    const std::filesystem::path target = std::filesystem::read_symlink(here(), no_link);
    if (no_link) continue;
    if (++links > links_max) {
      throw std::filesystem::filesystem_error{"links run in a circle", here(),
                                              std::make_error_code(std::errc::too_many_symbolic_link_levels)};
    }
    walked.pop_back();
    if (target.is_absolute()) walked.clear();
    const std::deque<std::string> inserted = parts_of(target);
    rest.insert(rest.begin(), inserted.begin(), inserted.end());
  }
  return here();
}

}  // namespace verify
