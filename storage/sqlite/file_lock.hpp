#pragma once

#include "storage/sqlite/file_mark.hpp"
#include "storage/sqlite/open_files.hpp"
#include "storage/sqlite/os/files.hpp"
#include "storage/sqlite/os/own_descriptor.hpp"

#include <cairn/time.hpp>

#include <cstdint>
#include <filesystem>

namespace cairn::sqlite {

// Keeps a database file for this store alone, until it goes out of scope or its process ends.
//
// Two locks: one on the sibling `FILE.lock`, which also tells others our process number, and one on the file
// itself, which other names of the file (hard links) share. A lock file that is left behind locks nothing.
class FileLock {
 public:
  // Waits up to `wait` for another process to let go. Throws `Error`: `file_is_owned`, `file_is_read_only`.
  FileLock(const std::filesystem::path& file, Duration wait);
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

  // Locks the file itself, which must exist by now. Before SQLite opens it.
  void hold_file();

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  // The file itself, for reading, and for locks on parts of it.
  [[nodiscard]] const os::Descriptor& held() const { return held_.get(); }
  [[nodiscard]] const os::FileId& id() const { return id_; }

  // Whether this is the process that opened the file, and not a child of it, which has none of its locks.
  [[nodiscard]] bool is_ours() const noexcept;

  // What the last owner has left.
  [[nodiscard]] const FileMark& found() const { return found_; }
  // What the next one is to find. Durable only with `durably`, against a loss of power.
  void leave(FileMark mark, bool durably = false) noexcept;

 private:
  const std::filesystem::path file_;
  const int process_;
  os::OwnDescriptor lock_;
  FileMark found_;
  os::OwnDescriptor held_;
  os::FileId id_;
};

}  // namespace cairn::sqlite
