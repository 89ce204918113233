#pragma once

#include "storage/sqlite/os/files.hpp"

#include <mutex>
#include <set>

namespace cairn::sqlite {

// The database files that this process has open, by device and inode, whatever they are called.
//
// The one thing in cairn that is global, because the danger is: when a process closes any descriptor of a
// file, it loses all its POSIX locks on that file, those of SQLite among them. So nobody opens a file that is
// listed here, not even to look at it.
//
// What cairn cannot keep others in the process from doing, `LiveLocks` makes harmless.
class OpenFiles {
 public:
  static OpenFiles& of_this_process();

  // Held by whoever is about to open a file, or looks into one: nobody else opens one meanwhile.
  [[nodiscard]] std::unique_lock<std::mutex> lock() { return std::unique_lock{mutex_}; }

  // The following need the lock.
  [[nodiscard]] bool contains(const os::FileId& file) const { return files_.contains(file); }
  void insert(const os::FileId& file) { files_.insert(file); }
  void erase(const os::FileId& file) { files_.erase(file); }

 private:
  std::mutex mutex_;
  std::set<os::FileId> files_;
};

}  // namespace cairn::sqlite
