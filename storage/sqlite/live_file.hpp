#pragma once

#include "storage/sqlite/file_lock.hpp"
#include "storage/sqlite/file_watch.hpp"
#include "storage/sqlite/last_owner.hpp"
#include "storage/sqlite/live_locks.hpp"

namespace cairn::sqlite {

// A database file for as long as a store has it open: all that is asked of the operating system beside
// SQLite. Outlives every connection to the file.
struct LiveFile {
  LiveFile(const std::filesystem::path& file, Duration wait) : lock{file, wait} {}

  FileLock lock;
  LiveLocks locks{lock};
  FileWatch watch{lock, locks};
  Required required;  // of the database, by what its last owner has left
};

}  // namespace cairn::sqlite
