#include "benchmarks/support.hpp"

#include <sqlite3.h>

#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace cairn::benchmarks {

Folder::Folder(const std::filesystem::path& parent) {
  std::string name = (parent / "cairn-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::system_error{errno, std::generic_category(), name};
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void require_disk(const std::filesystem::path& folder) {
  struct statfs found = {};
  if (::statfs(folder.c_str(), &found) != 0) {
    throw std::runtime_error{folder.string() + ": " + std::generic_category().message(errno)};
  }
  constexpr long tmpfs = 0x01021994;
  constexpr long ramfs = 0x858458f6;
  const auto type = static_cast<long>(found.f_type);
  if (type == tmpfs || type == ramfs) {
    throw std::runtime_error{folder.string() + " is in memory; choose a folder on a disk"};
  }
}

std::filesystem::path take_directory(int& argc, char** argv) {
  constexpr std::string_view option = "--directory=";
  std::filesystem::path directory = ".";
  int kept = 1;
  for (int index = 1; index < argc; ++index) {
    const std::string_view argument = argv[index];
    if (argument.starts_with(option)) {
      directory = argument.substr(option.size());
    } else {
      argv[kept++] = argv[index];
    }
  }
  argc = kept;
  return directory;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double percentile(std::vector<double> values, double share) {
  const double rank = std::ceil(share * static_cast<double>(values.size()));
  const auto at = values.begin() + std::max<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(rank) - 1, 0);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

std::string with_commas(double number) {
  std::string text = std::to_string(static_cast<long long>(number + 0.5));
  for (std::ptrdiff_t at = std::ssize(text) - 3; at > 0; at -= 3) {
    text.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return text;
}

std::string sqlite_version() {
  return sqlite3_libversion();
}

}  // namespace cairn::benchmarks
