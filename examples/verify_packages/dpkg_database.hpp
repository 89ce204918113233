#pragma once

#include "root.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

// What dpkg knows of the packages under a root. Everything here is read from its files, nothing is ever
// written.
namespace verify {

// The installed packages, sorted. A package of which several architectures can be installed together is named
// with its own, as dpkg does: `libc6:amd64`. Throws `InputError` when there is no dpkg database, or it is
// damaged.
[[nodiscard]] std::vector<std::string> installed_packages(const Root& root);

// Where dpkg keeps the checksums of a package, seen from the root. Not every package has such a list.
[[nodiscard]] std::string md5sums_list(std::string_view package);

// Files that were moved out of the way: dpkg-divert(1).
class Diversions {
 public:
  Diversions() = default;
  // Reads `var/lib/dpkg/diversions`. Throws `InputError` when the file is damaged; having none is fine.
  explicit Diversions(const Root& root);

  // The place of a file that `package` brought as `path`: elsewhere when another package diverts that path.
  [[nodiscard]] std::string place_of(std::string_view path, std::string_view package) const;

 private:
  struct Diversion {
    std::string to;
    std::string by;  // name without architecture; `:` for a diversion by the administrator
  };
  std::unordered_map<std::string, Diversion> diversions_;
};

// Files that dpkg was told not to unpack: `path-exclude` and `path-include` of dpkg(1).
class PathFilters {
 public:
  PathFilters() = default;
  // Reads `etc/dpkg/dpkg.cfg.d/*` and then `etc/dpkg/dpkg.cfg`, in dpkg's order. Throws `InputError` when a
  // file cannot be read.
  explicit PathFilters(const Root& root);

  // Whether the last filter that matches `path` is an exclusion.
  [[nodiscard]] bool excludes(std::string_view path) const;

 private:
  struct Filter {
    std::string pattern;
    bool include = false;
  };
  void read(const std::filesystem::path& file);

  std::vector<Filter> filters_;
};

}  // namespace verify
