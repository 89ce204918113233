#pragma once

#include "storage/sqlite/connection.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

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
[[nodiscard]] std::optional<OwnerRow> owner_in(std::span<const std::byte> page);

// The owner's rows in the whole frames of a log, in the order in which they were written; `page` is that of
// the owner (from 1). Throws `Error` (`store_failed`) when the log cannot be read.
[[nodiscard]] std::vector<OwnerRow> owners_in_log(const std::filesystem::path& log, std::size_t page_bytes,
                                                  std::uint32_t page);

// Whether a log that lies beside a file was written for another one, or another state of it, by the two alone
// and before SQLite puts them together; then in words. SQLite itself does not ask: a log names no file.
//
// The page of the owner tells. A file has it as it was before the log began, or, since checkpoints copy pages
// of the log into it and may be cut off, as any group in the log has written it. When the page or the way to
// it is damaged, as by a loss of power in a checkpoint, nothing is said: the log has it whole then.
//
// A copy of the file from any moment since the log began passes: SQLite's own backup copies page by page, and
// with the log it becomes what the log holds.
[[nodiscard]] std::optional<std::string> foreign_log(const ConnectionOptions& options);

}  // namespace cairn::sqlite
