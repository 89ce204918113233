#pragma once

#include <filesystem>
#include <string_view>

namespace verify {

// A folder that stands for `/`, as after a chroot: `..` and absolute symbolic links do not lead out of it.
class Root {
 public:
  explicit Root(std::filesystem::path folder);

  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

  // Where `path` lies on this machine. Symbolic links among its folders are followed inside the root (`bin`
  // may be a link to `usr/bin`); the last part is taken as it is, whether there is such a file or not. Throws
  // `std::filesystem::filesystem_error` when the links run in a circle.
  [[nodiscard]] std::filesystem::path locate(std::string_view path) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace verify
