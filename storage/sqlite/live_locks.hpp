#pragma once

#include "storage/sqlite/file_lock.hpp"
#include "storage/sqlite/os/own_descriptor.hpp"

namespace cairn::sqlite {

// Shared locks on the bytes by which SQLite tells other programs that a file is in use: on the database file,
// whoever finds them leaves the log where it is when it closes; on the log's index, whoever finds them does
// not begin the index anew.
//
// SQLite takes the same locks, as POSIX locks, and this process loses them whenever anything in it closes a
// descriptor of the file: a host that copies its database is enough. The next program that looked at the file
// then took our log for that of a dead one, moved it into the file and unlinked it, and what we wrote
// afterwards was lost. These ones stay: they belong to descriptors that nobody else closes.
//
// SQLite needs the bytes of the file for itself when its last connection closes, to delete the log; and those
// of the index when it reads the log anew. Each is given up before that.
class LiveLocks {
 public:
  explicit LiveLocks(const FileLock& lock) : lock_{lock} {}
  LiveLocks(const LiveLocks&) = delete;
  LiveLocks& operator=(const LiveLocks&) = delete;
  // Every connection of this store is closed by then: closing a descriptor would take their locks away.
  ~LiveLocks();

  // Once a connection has opened the file and its log: then nobody else has any of them alone. Again after
  // `give_up_index`. Throws `Error` (`store_failed`).
  void take();

  // No connection is open; the next one shall build the index from the log. The log cannot go meanwhile.
  void give_up_index() noexcept;

  // The last connection is about to close for good. The index stays locked until it has.
  void give_up_file() const noexcept;

  // SQLite's index of the log; none where its VFS keeps that elsewhere.
  [[nodiscard]] const os::Descriptor& index() const { return index_.get(); }
  /// Otherwise whoever opens the file next may begin the index anew, readers of this store among them.
  [[nodiscard]] bool holds_index() const { return holds_index_; }

 private:
  [[noreturn]] void fail(const char* what) const;

  const FileLock& lock_;
  os::OwnDescriptor index_;
  bool holds_index_ = false;
};

}  // namespace cairn::sqlite
