#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace verify {

enum class FileState { read, missing, unreadable };

// What a look at one file gave.
struct FileHash {
  FileState state = FileState::missing;
  std::string md5 = {};     // when read
  std::int64_t bytes = 0;   // when read
  std::string reason = {};  // when unreadable
};

// The MD5 of a regular file, read in pieces. A symbolic link, folder, device, pipe or socket is `unreadable`;
// nothing of that name, or a file where a folder should be, is `missing`. Throws only when OpenSSL refuses
// MD5.
[[nodiscard]] FileHash hash_file(const std::filesystem::path& file);

// Size of a regular file; 0 when there is none.
[[nodiscard]] std::int64_t size_of(const std::filesystem::path& file) noexcept;

}  // namespace verify
