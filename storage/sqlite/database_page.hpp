#pragma once

#include "storage/sqlite/file_bytes.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace cairn::sqlite {

// The counts of the owner's row. Every group writes them, and so does every new owner: they say which state
// of a database its pages are of.
struct OwnerRow {
  std::int64_t epoch = 0;
  std::int64_t group = 0;
  std::int64_t next_key = 0;
  std::int64_t next_event = 0;
  std::int64_t last_time = 0;
  auto operator<=>(const OwnerRow&) const = default;
};

// The owner's row in a page of a file or of a log; nothing when the page holds anything else, or is damaged.
[[nodiscard]] std::optional<OwnerRow> owner_in(Bytes page);

// What the header of a database says, as a file or a frame of a log has it.
struct DatabaseHead {
  std::uint32_t page_bytes = 0;
  std::uint32_t pages = 0;    // 0: not known
  std::uint32_t changes = 0;  // rises by one at most between a first page and the next one of a log
  std::uint32_t schema = 0;   // rises with every change of the schema, and with VACUUM
  std::uint32_t application = 0;
  bool has_a_log = false;
  bool operator==(const DatabaseHead&) const = default;
};

// Bytes at the front of the first page that `head_in` needs.
constexpr std::size_t database_head_bytes = 100;

// The header at the front of a first page; nothing where that is damaged.
[[nodiscard]] std::optional<DatabaseHead> head_in(Bytes page);

}  // namespace cairn::sqlite
