#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace cairn::testing {

/// A call that changes the names in a folder, or makes them durable.
struct FolderCall {
  enum class Kind : std::uint8_t { rename, remove, flush };
  Kind kind = Kind::rename;
  std::string name = {};      ///< by its last part; of `flush`: none
  std::string new_name = {};  ///< of `rename`
};

/// Tells of every such call that succeeds, by cairn or by SQLite: a program that links folder_calls.cpp has
/// `rename`, `unlink`, `fsync` and `fdatasync` of its own, which hand on to the kernel. One observer at a
/// time.
class FolderCalls {
 public:
  using Observer = std::function<void(const FolderCall&)>;
  explicit FolderCalls(Observer observer);
  FolderCalls(const FolderCalls&) = delete;
  FolderCalls& operator=(const FolderCalls&) = delete;
  ~FolderCalls();
};

}  // namespace cairn::testing
