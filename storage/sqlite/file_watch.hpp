#pragma once

#include "storage/sqlite/live_locks.hpp"
#include "storage/sqlite/log_format.hpp"
#include "storage/sqlite/os/files.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <mutex>
#include <optional>
#include <vector>

namespace cairn::sqlite {

// What somebody else has done to a file that is open, its log, or the index of its log.
enum class FileChange : std::uint8_t {
  none,
  moved,        // its name leads elsewhere, and it has another one
  removed,      // it has no name any more
  overwritten,  // it was cut, or has the content of another one
  log_removed,  // the name of log or index leads elsewhere
  log_cut,      // log or index was cut
};

// Knows which files a store has open and what they are at least, and finds out when that is no longer so. A
// look is three calls of the system, some 1.2 µs, and takes no memory.
//
// What it cannot see: bytes that were changed in place in the log, or in the file while the store itself
// wrote to it; and a database that is as long, or longer, and was copied over the file between a checkpoint
// of another program and the next look.
class FileWatch {
 public:
  FileWatch(const FileLock& lock, const LiveLocks& locks);

  // SQLite has opened the file: what its names lead to now is what they must lead to. Every group writes the
  // page `owner_page` (from 1).
  void begin(std::size_t page_bytes, std::size_t owner_page);

  // The log is so long, by ourselves. Called when that changes.
  void expect_log(const LogExtent& log) noexcept;

  // The database has so few pages, by ourselves. Called when it was made shorter; the file follows when the
  // log is moved into it, by whomever.
  void expect_database(std::size_t pages) noexcept;

  // While one lives the store itself writes to the file, or makes log and index anew as well; what it writes
  // to is then looked at by its name alone. Without a watch it does nothing.
  enum class Scope : std::uint8_t { file, all };
  class Writing {
   public:
    explicit Writing(FileWatch* watch, Scope scope = Scope::file) noexcept;
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;
    ~Writing();

   private:
    FileWatch* watch_;
    Scope scope_;
  };

  // By any thread. Throws `Error` (`store_failed`) when it cannot be told.
  [[nodiscard]] FileChange look();

  // How many names the file had at the last look.
  [[nodiscard]] std::uint64_t names() const;

 private:
  [[nodiscard]] static std::optional<os::FileFacts> seen(const std::filesystem::path& file);
  [[nodiscard]] FileChange look_at_file();
  [[nodiscard]] FileChange look_at_log() const;
  [[nodiscard]] bool was_cut(const os::FileFacts& facts) const;
  [[nodiscard]] bool is_overwritten();
  [[nodiscard]] bool was_moved_by_another();
  bool note_moved_by_others();
  [[nodiscard]] bool was_begun_anew_by_another() const;
  void adopt_file() noexcept;
  [[nodiscard]] bool read_owner_page(std::vector<std::byte>& page) const noexcept;

  const FileLock& lock_;
  const LiveLocks& locks_;
  const std::filesystem::path log_;
  const std::filesystem::path index_;

  mutable std::mutex mutex_;
  std::size_t page_bytes_ = 0;
  std::size_t owner_page_ = 0;
  int writing_ = 0;        // to the file
  int settling_ = 0;       // to the log and its index as well
  bool is_known_ = false;  // whether the next two are as the file was when it was last ours to write
  os::FileFacts file_;
  std::uint64_t least_bytes_ = std::numeric_limits<std::uint64_t>::max();  // of the database, since `begin`
  std::optional<os::FileFacts> log_facts_;  // none where the VFS has no such file
  std::optional<os::FileFacts> index_facts_;
  LogExtent log_extent_;
  std::size_t moved_by_others_ = 0;  // by checkpoints that have ended
  bool others_move_ = false;         // another program has begun one, and what it writes is its to write
  std::vector<std::byte> page_;      // the owner's
  std::vector<std::byte> page_now_;  // room for another look at it
};

}  // namespace cairn::sqlite
