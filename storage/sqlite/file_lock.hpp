#pragma once

#include "storage/sqlite/open_files.hpp"

#include <cairn/time.hpp>

#include <sys/types.h>

#include <filesystem>

namespace cairn::sqlite {

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_{number} {}
  Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

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

  // Throws `Error` (`store_failed`) when the name no longer leads to the file that is held, or when this is a
  // child of the process that opened it.
  void check() const;

 private:
  std::filesystem::path file_;
  pid_t process_;
  Descriptor lock_;
  Descriptor held_;
  OpenFiles::Identity identity_ = {};
};

}  // namespace cairn::sqlite
