#pragma once

#include "examples/verify_packages/digest.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace verify {

// A folder that looks like the root of a Debian machine, and is gone with the object.
class FakeRoot {
 public:
  FakeRoot() {
    std::string name = (std::filesystem::temp_directory_path() / "verify_packages_XXXXXX").native();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = name;
    write("var/lib/dpkg/status", "");
  }
  FakeRoot(const FakeRoot&) = delete;
  FakeRoot& operator=(const FakeRoot&) = delete;
  ~FakeRoot() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path path(std::string_view name) const { return folder_ / name; }

  void write(std::string_view name, std::string_view content) const {
    std::filesystem::create_directories(path(name).parent_path());
    std::ofstream{path(name), std::ios::binary} << content;
  }
  void append(std::string_view name, std::string_view content) const {
    std::ofstream{path(name), std::ios::binary | std::ios::app} << content;
  }
  void link(std::string_view target, std::string_view name) const {
    std::filesystem::create_directories(path(name).parent_path());
    std::filesystem::create_symlink(target, path(name));
  }

  // A paragraph of the status file, as of an installed package.
  void install(const std::string& package, const std::string& fields = "") const {
    append("var/lib/dpkg/status",
           "Package: " + package + "\nStatus: install ok installed\nArchitecture: amd64\n" + fields + "\n");
  }

  // A line of a package's list; the file itself is made too, with that content.
  void ship(const std::string& package, const std::string& file, const std::string& content) const {
    list(package, md5_of(content), file);
    write(file, content);
  }
  void list(const std::string& package, const std::string& digest, const std::string& file) const {
    std::filesystem::create_directories(path("var/lib/dpkg/info"));
    append("var/lib/dpkg/info/" + package + ".md5sums", digest + "  " + file + "\n");
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace verify
