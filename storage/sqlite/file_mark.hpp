#pragma once

#include "storage/sqlite/os/descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace cairn::sqlite {

// What stands in the lock file `FILE.lock`: the process of the owner, and a mark of what the database must
// hold. The mark is beside the database and never in it, so that no backup of the database carries it.
//
//     4711
//     open                      42
struct FileMark {
  enum class State : std::uint8_t {
    none,     // no lock file, or one of an older cairn
    closed,   // the last owner has closed the file: all is in it, and any copy may take its place
    open,     // it is open, or was not closed, as by a kill: file and log together hold this group
    changed,  // it was written over or replaced while it was open: the log belongs to other content
    // The same, and the file that holds this group lies elsewhere, if anywhere:
    moved,     // the file had another name when its owner ended, and was whole
    removed,   // the file had no name any more, and was copied beside it, if that could be done
    log_gone,  // the log was removed, replaced or cut
  };
  State state = State::none;
  std::int64_t group = 0;  // the number of the last group that was acknowledged
  bool operator==(const FileMark&) const = default;
};

[[nodiscard]] std::filesystem::path lock_name(const std::filesystem::path& file);
[[nodiscard]] std::filesystem::path log_name(const std::filesystem::path& file);
[[nodiscard]] std::filesystem::path index_name(const std::filesystem::path& file);

// By whoever has locked it.
[[nodiscard]] FileMark read_mark(const os::Descriptor& lock) noexcept;
// By anybody. An owner may write it just now: what counts is what is read twice.
[[nodiscard]] FileMark read_mark(const std::filesystem::path& lock);

// Who the owner is, for messages. The process that stands in the file may have ended: the owner is about to
// write its own number, or has the lock from that one, as a child that was made by clone(2).
[[nodiscard]] std::string owner_of(const os::Descriptor& lock);

// Writes the whole text in one call, some forty bytes over those that are there: a process that is killed
// leaves the old text or the new one. Takes no memory. That a disk is full is no reason to fail: what stands
// there then promises less.
void write_mark(const os::Descriptor& lock, int process, FileMark mark) noexcept;

}  // namespace cairn::sqlite
