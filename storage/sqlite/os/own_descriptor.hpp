#pragma once

#include "storage/sqlite/os/descriptor.hpp"

#include <filesystem>

namespace cairn::sqlite::os {

// A descriptor that no child of `fork` has: there it is closed before `fork` returns. So the locks that were
// taken by it end with this process, however long its children live. (`exec` closes all descriptors of ours.)
//
// What makes a child without `fork`, such as a bare clone(2), leaves it open there.
class OwnDescriptor {
 public:
  OwnDescriptor() noexcept;
  // As `open_file`.
  OwnDescriptor(const std::filesystem::path& file, Access access);
  OwnDescriptor(const OwnDescriptor&) = delete;
  OwnDescriptor& operator=(const OwnDescriptor&) = delete;
  ~OwnDescriptor();

  // Another one instead.
  void open(const std::filesystem::path& file, Access access);
  void close() noexcept;

  [[nodiscard]] const Descriptor& get() const noexcept { return descriptor_; }
  [[nodiscard]] bool is_open() const noexcept { return descriptor_.is_open(); }

 private:
  friend struct ForkHandlers;

  Descriptor descriptor_;
  OwnDescriptor* before_ = nullptr;
  OwnDescriptor* next_ = nullptr;
};

}  // namespace cairn::sqlite::os
