#pragma once

#include "tests/faults/folder_calls.hpp"
#include "tests/storage/counting_vfs.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace cairn::testing {

/// What a program did to files, in the order in which it did it.
struct DiskOperation {
  enum class Kind : std::uint8_t { create, write, truncate, sync, remove, rename, sync_folder, acknowledge };
  Kind kind = Kind::write;
  std::string file = {};   ///< by its last name; of `rename`: the old name; of `sync_folder`: none
  std::int64_t at = 0;     ///< of a write: where; of a truncation: the new size; of `acknowledge`: the group
  std::string bytes = {};  ///< of a write; of `rename`: the new name
};

/// What a call does to a file; nothing: it changes none. A removal is no operation before `FolderCalls` tells
/// of it.
[[nodiscard]] std::optional<DiskOperation> operation_of(const CountingVfs::Call& call);
[[nodiscard]] DiskOperation operation_of(const FolderCall& call);

/// Records what goes through a VFS and what becomes of names, and what was acknowledged in between.
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
  void record(DiskOperation operation);

  CountingVfs& vfs_;
  std::mutex mutex_;
  std::vector<DiskOperation> operations_;
  FolderCalls folder_calls_;
};

}  // namespace cairn::testing
