#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace cairn::check {

// What the lock file beside a database says that file and log hold together. Its format is that of
// docs/backup.md, and read here once more: the process of the owner, and in a second line a word, which may
// consist of two, and a number.
struct LockFile {
  std::string word = {};   // what has become of the file, such as "open"; empty: nothing is said
  std::int64_t group = 0;  // the last one that was acknowledged
  bool operator==(const LockFile&) const = default;
};

// Before anything else of the file is read: whatever an owner writes meanwhile, file and log hold what the
// lock file says at any moment, and go on to hold it.
[[nodiscard]] LockFile read_lock_file(const std::filesystem::path& file);

// What of that is missing in the file, whose last group is `found`, with its log; in words that say how to go
// on. Empty: nothing.
[[nodiscard]] std::string what_is_missing(const std::filesystem::path& file, const LockFile& said,
                                          std::int64_t found);

}  // namespace cairn::check
