#pragma once

#include "storage/sqlite/os/descriptor.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>

// What a store asks of files beside SQLite. The functions of this folder are all that a port has to replace.
namespace cairn::sqlite::os {

// Why the last call of this folder failed, in this thread.
[[nodiscard]] std::error_code why() noexcept;

// Which file it is, whatever it is called. Its number is not used again while anybody has it open.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t number = 0;
  auto operator<=>(const FileId&) const = default;
};

struct FileFacts {
  enum class Kind : std::uint8_t { file, folder, other };
  FileId id = {};
  Kind kind = Kind::file;
  std::uint64_t bytes = 0;
  std::uint64_t names = 0;   // hard links; 0: removed, and open somewhere
  std::int64_t written = 0;  // when its content was last changed, in ns since 1970
  unsigned permissions = 0;
};

// Nothing when there is no such file, or when that cannot be told: `error` says which. Follows symbolic
// links.
[[nodiscard]] std::optional<FileFacts> look_at(const std::filesystem::path& file,
                                               std::error_code& error) noexcept;
[[nodiscard]] std::optional<FileFacts> look_at(const std::filesystem::path& file) noexcept;
[[nodiscard]] std::optional<FileFacts> look_at(const Descriptor& file) noexcept;

enum class Permission : std::uint8_t { exist, read, write };
[[nodiscard]] bool may(Permission permission, const std::filesystem::path& file) noexcept;
bool set_permissions(const Descriptor& file, unsigned permissions) noexcept;

// Whether all of the bytes were read; and whether they were all written.
[[nodiscard]] bool read_at(const Descriptor& file, std::uint64_t offset, std::span<std::byte> bytes) noexcept;
bool write_at(const Descriptor& file, std::uint64_t offset, std::string_view bytes) noexcept;
bool cut(const Descriptor& file, std::uint64_t bytes) noexcept;

bool flush(const Descriptor& file) noexcept;
// Makes durable which names there are in a folder.
bool flush_folder(const std::filesystem::path& folder);
void remove(const char* file) noexcept;
bool rename(const char* from, const char* to) noexcept;

}  // namespace cairn::sqlite::os
