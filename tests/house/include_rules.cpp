#include "tests/house/include_rules.hpp"

#include <algorithm>
#include <regex>
#include <set>
#include <string>

namespace house {
namespace {

// Each folder may include these, and nothing else. A name that ends in '/' stands for all below it.
struct Rule {
  std::string_view folder;
  std::vector<std::string_view> angles;  // beside the standard library and <cairn/...>
  std::vector<std::string_view> quotes;
  bool system = false;  // the operating system's headers
};

const std::vector<Rule>& rules() {
  // The first rule whose folder fits decides.
  static const std::vector<Rule> all{
      {"include/cairn/asio.hpp", {"boost/asio.hpp", "boost/asio/"}, {}},
      {"include/cairn/detail/awaitable_body.hpp", {"boost/asio/"}, {}},
      {"include/cairn/detail/completion.hpp", {"boost/asio/"}, {}},
      {"include/cairn/codec.hpp", {"nlohmann/"}, {}},
      {"include/cairn/detail/has_json.hpp", {"nlohmann/"}, {}},
      {"include/cairn/", {"nlohmann/json_fwd.hpp"}, {}},
      {"values/", {"nlohmann/", "cxxabi.h"}, {"values/"}},
      {"engine/", {"nlohmann/", "boost/asio.hpp", "boost/asio/", "build_day.hpp"}, {"engine/", "values/"}},
      {"storage/memory/", {"nlohmann/"}, {"storage/*", "storage/memory/"}},
      {"storage/sqlite/os/", {}, {"storage/sqlite/os/"}, true},
      {"storage/sqlite/", {"nlohmann/", "SQLiteCpp/", "sqlite3.h"}, {"storage/*", "storage/sqlite/"}},
      {"storage/postgres/", {"nlohmann/", "libpq-fe.h"}, {"storage/*", "storage/postgres/"}, true},
      {"storage/", {"nlohmann/"}, {"storage/*"}},
      {"api/", {"nlohmann/", "boost/"}, {"api/"}},
      {"check/", {"nlohmann/", "SQLiteCpp/", "sqlite3.h"}, {"check/"}},
      {"cli/",
       {"nlohmann/", "CLI/"},
       {"cli/", "benchmarks/batch_comparison.hpp", "benchmarks/support.hpp"},
       true},
      {"benchmarks/",
       {"benchmark/", "boost/asio/", "nlohmann/", "sqlite3.h"},
       {"benchmarks/", "tests/forwarding_store.hpp"},
       true},
      {"examples/verify_packages/", {"nlohmann/", "openssl/", "CLI/"}, {}, true},
      {"examples/", {"nlohmann/", "openssl/"}, {}, true},
  };
  return all;
}

bool is_standard(std::string_view name) {
  return name.find('/') == std::string_view::npos && name.find('.') == std::string_view::npos;
}

bool is_system(std::string_view name) {
  static const std::set<std::string_view> names{"cxxabi.h",  "dirent.h",  "fcntl.h",     "fnmatch.h",
                                                "poll.h",    "pthread.h", "semaphore.h", "signal.h",
                                                "termios.h", "unistd.h"};
  return names.contains(name) || name.starts_with("sys/");
}

// "storage/*" stands for the files directly in storage/, not for its folders.
bool fits(std::string_view name, std::string_view pattern) {
  if (pattern.ends_with("/*")) {
    pattern.remove_suffix(1);
    return name.starts_with(pattern) && name.substr(pattern.size()).find('/') == std::string_view::npos;
  }
  return pattern.ends_with('/') ? name.starts_with(pattern) : name == pattern;
}

bool fits_any(std::string_view name, const std::vector<std::string_view>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](std::string_view pattern) { return fits(name, pattern); });
}

// An example may include its neighbours by their bare name; it is on its own otherwise.
bool is_neighbour(const Rule& rule, std::string_view name) {
  static const std::vector<std::string_view> folders{"include/", "values/", "engine/", "storage/",   "api/",
                                                     "check/",   "cli/",    "tests/",  "benchmarks/"};
  return rule.folder.starts_with("examples/") && !name.starts_with("..") && !fits_any(name, folders);
}

bool may_include(const Rule& rule, std::string_view name, bool angle) {
  if (!angle) return fits_any(name, rule.quotes) || is_neighbour(rule, name);
  return is_standard(name) || name.starts_with("cairn/") || fits_any(name, rule.angles) ||
         (rule.system && is_system(name));
}

// Where a list of sources lies, with '/' at the end.
std::string_view folder_of(const SourceFile& list) {
  return std::string_view{list.path}.substr(0, list.path.rfind('/') + 1);
}

// What a CMake file names, apart from punctuation.
std::set<std::string_view> words(std::string_view text) {
  std::set<std::string_view> result;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find_first_of(" \t\n()", begin), text.size());
    result.insert(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return result;
}

}  // namespace

std::vector<Violation> check_includes(std::string_view path, std::string_view text) {
  const auto rule = std::find_if(rules().begin(), rules().end(),
                                 [&](const Rule& candidate) { return path.starts_with(candidate.folder); });
  if (rule == rules().end()) return {};

  static const std::regex include{R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re"};
  std::vector<Violation> violations;
  int number = 0;
  for (std::string_view line : lines(text)) {
    ++number;
    std::cmatch match;
    if (!std::regex_search(line.data(), line.data() + line.size(), match, include)) continue;
    const std::string name = match[2];
    if (may_include(*rule, name, match[1] == "<")) continue;
    violations.push_back({std::string{path}, number, std::string{rule->folder} + " may not include " + name});
  }
  return violations;
}

std::vector<Violation> check_listed(const std::vector<SourceFile>& files,
                                    const std::vector<SourceFile>& lists) {
  std::vector<Violation> violations;
  for (const SourceFile& file : files) {
    const SourceFile* nearest = nullptr;  // the list with the longest folder that holds the file
    for (const SourceFile& list : lists) {
      if (file.path.starts_with(folder_of(list)) &&
          (nearest == nullptr || list.path.size() > nearest->path.size())) {
        nearest = &list;
      }
    }
    if (nearest == nullptr) {
      violations.push_back({file.path, 1, "has no CMakeLists.txt above it"});
    } else if (!words(nearest->text)
                    .contains(std::string_view{file.path}.substr(folder_of(*nearest).size()))) {
      violations.push_back({file.path, 1, "is not listed in " + nearest->path});
    }
  }
  return violations;
}

}  // namespace house
