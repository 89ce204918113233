#pragma once

#include "tests/storage/counting_vfs.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace cairn::testing {

/// What a program did to files, in the order in which it did it.
struct DiskOperation {
  enum class Kind : std::uint8_t { write, truncate, sync, remove, rename, acknowledge };
  Kind kind = Kind::write;
  std::string file = {};   ///< by its last name; of `rename`: the old name
  std::int64_t at = 0;     ///< of a write: where; of a truncation: the new size; of `acknowledge`: the group
  std::string bytes = {};  ///< of a write; of `rename`: the new name
};

/// What a call does to a file; nothing: it changes none.
[[nodiscard]] std::optional<DiskOperation> operation_of(const CountingVfs::Call& call);

/// Records what goes through a VFS, and what was acknowledged in between.
class DiskLog {
 public:
  explicit DiskLog(CountingVfs& vfs);
  DiskLog(const DiskLog&) = delete;
  DiskLog& operator=(const DiskLog&) = delete;
  ~DiskLog();

  /// Somebody was told that what was done before is durable.
  void acknowledge(std::int64_t group);
  [[nodiscard]] const std::vector<DiskOperation>& operations() const { return operations_; }

 private:
  void record(const CountingVfs::Call& call);

  CountingVfs& vfs_;
  std::mutex mutex_;
  std::vector<DiskOperation> operations_;
};

}  // namespace cairn::testing
