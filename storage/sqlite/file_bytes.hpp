#pragma once

#include "storage/sqlite/os/files.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace cairn::sqlite {

using Bytes = std::span<const std::byte>;

// Numbers as SQLite's files have them: the first byte is the highest.
[[nodiscard]] std::uint64_t big_endian(Bytes bytes);
// One of four bytes.
[[nodiscard]] std::uint32_t word_at(Bytes bytes, std::size_t at);

// Fills `bytes` from the file, at `at`. Throws `Error` (`store_failed`) with its name when it cannot.
void read_bytes(const os::Descriptor& file, const std::filesystem::path& name, std::uint64_t at,
                std::span<std::byte> bytes);

}  // namespace cairn::sqlite
