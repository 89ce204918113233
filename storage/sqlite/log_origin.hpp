#pragma once

#include "storage/sqlite/connection.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
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

// The header at the front of a first page; nothing where that is damaged.
[[nodiscard]] std::optional<DatabaseHead> head_in(std::span<const std::byte> page);

// What the whole frames of a log hold, in the order in which they were written.
struct LogContent {
  std::size_t page_bytes = 0;  // 0: there is no log that is whole to its first frame
  std::uint32_t pages = 0;     // of the database behind the first transaction; 0: there is none
  std::vector<DatabaseHead> heads;
  std::vector<OwnerRow> owners;
};

// `page` is that of the owner (from 1). Of a log with pages of another size only that is told. Throws `Error`
// (`store_failed`) when the log cannot be read.
[[nodiscard]] LogContent read_log(const std::filesystem::path& log, std::size_t page_bytes,
                                  std::uint32_t page);

// Whether a log that lies beside a file was written for another one, or another state of it, by the two alone
// and before SQLite puts them together; then in words. SQLite itself does not ask: a log names no file.
//
// The page of the owner tells. A file has it as it was before the log began, or, since checkpoints copy pages
// of the log into it and may be cut off, as any group in the log has written it. When the page or the way to
// it is damaged, as by a loss of power in a checkpoint, nothing is said: the log has it whole then.
//
// The first page tells more. It says whose database it is, and the size of the pages, which a log keeps as
// long as it lies beside its file. And its number of the schema is one that the log has, or, if the log
// begins with a change of the schema, the one before: VACUUM, which moves the pages of a copy, makes it
// another.
//
// A copy of the file from any moment since the log began passes: SQLite's own backup copies page by page, and
// with the log it becomes what the log holds. It numbers its schema anew, so what it is when such a copy was
// put over an older one is not certain, and then it is refused. Where no frame has the first page, only the
// number of pages can be compared: a copy that VACUUM has moved pages in, and left as long, passes.
//
// `lock` is that of `OpenFiles`, and nobody of this process has the file open: they would lose their locks.
[[nodiscard]] std::optional<std::string> foreign_log(const ConnectionOptions& options,
                                                     const std::unique_lock<std::mutex>& lock);

}  // namespace cairn::sqlite
