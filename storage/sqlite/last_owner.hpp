#pragma once

#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/file_mark.hpp"

#include <cstdint>
#include <filesystem>
#include <mutex>

namespace cairn::sqlite {

// What a database must hold once its log has been read: this group (0: nothing is known), by the mark in this
// lock file, which also says what had become of it when its owner ended.
struct Required {
  std::int64_t group = 0;
  std::filesystem::path lock = {};
  FileMark::State state = FileMark::State::none;
};

// Asks, before SQLite may touch a file that is there, whether it is what its last owner has left, by the mark
// that this one left in the lock file. Throws `Error` (`not_a_cairn_file`), in words that say how to go on,
// when acknowledged work lies elsewhere or nowhere:
//
// - The log of an owner that was killed is missing, and the file alone holds less than was acknowledged.
// - The file has other names (hard links): the log lies beside that under which it was open. SQLite would not
//   see it, and both would go on from different contents.
// - The log was written for another file, or for another state of this one: a backup was put in place of the
//   file of a killed owner, and its log left there. SQLite would put them together.
// - The file was written over or replaced while it was open, and its log could not be put away.
// - The file was moved, removed or replaced while it was open, and what lies there now holds less.
[[nodiscard]] Required check_what_was_left(const ConnectionOptions& options, const FileMark& mark);

// The same of a file that is not there, before another one is made in its place.
void check_nothing_was_left(const std::filesystem::path& file, const FileMark& mark);

// Refuses a database that holds less. `connection` has opened it; `lock` is that of `OpenFiles`.
void require_group(Connection& connection, const std::filesystem::path& file, const Required& required,
                   const std::unique_lock<std::mutex>& lock);

// What whoever only looks into a file must find in it, in the same words; an owner may have it. The mark is
// read before the file: what it says was acknowledged is in file and log by then, and stays there.
[[nodiscard]] Required required_to_read(const std::filesystem::path& file,
                                        const std::unique_lock<std::mutex>& lock);

}  // namespace cairn::sqlite
