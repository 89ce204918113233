#pragma once

#include "storage/sqlite/connection.hpp"

#include <cstdint>
#include <filesystem>
#include <mutex>

namespace cairn::sqlite {

// "cair": what `file` and SQLite know our files by.
inline constexpr std::int64_t application_id = 0x63616972;

// The file's own name behind symbolic links, so that every path to it finds the same lock. Also of a link to
// a file that is yet to be made: it is made where the link leads to.
[[nodiscard]] std::filesystem::path resolve(const std::filesystem::path& file);

// How long a file is; 0 when there is none. Throws `Error` when that cannot be told.
[[nodiscard]] std::uint64_t bytes_of(const std::filesystem::path& file);

enum class FileState : std::uint8_t {
  missing,  // or empty: to be made
  ours,
};

// Looks at a file without SQLite and without changing anything. Throws `Error` when it must be left alone:
// `not_a_cairn_file`, `file_is_newer`, `file_is_read_only`, `file_is_owned` (by a store in this process).
[[nodiscard]] FileState check_file(const std::filesystem::path& file);

// The same for a file that is only to be read, and may be owned by anybody; `lock` is that of `OpenFiles`.
void check_readable(const std::filesystem::path& file, const std::unique_lock<std::mutex>& lock);

// The same questions once SQLite has opened the file, since the log may know better than the file.
void check_opened(Connection& connection, const std::filesystem::path& file);

}  // namespace cairn::sqlite
