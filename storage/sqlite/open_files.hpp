#pragma once

#include "storage/sqlite/os/files.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>

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
  void insert(const os::FileId& file);
  void erase(const os::FileId& file) { files_.erase(file); }

  // Who has a file open that is listed here, for messages; nothing when it is not. A child of `fork` has the
  // list of its parent, and SQLite in it the parent's open files: there, the parent is who has them.
  [[nodiscard]] std::optional<std::string> owner_of(const os::FileId& file) const;

 private:
  std::mutex mutex_;
  std::map<os::FileId, int> files_;  // and the process that has opened it
};

}  // namespace cairn::sqlite
