#include "storage/sqlite/log_origin.hpp"

#include "storage/sqlite/file_check.hpp"
#include "storage/sqlite/file_mark.hpp"
#include "storage/sqlite/log_content.hpp"
#include "storage/sqlite/queries.hpp"

#include <cairn/detail/counted.hpp>
#include <cairn/error.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <vector>

namespace cairn::sqlite {
namespace {

// Whether SQLite could not read it because of what is in it.
bool is_damaged(const SQLite::Exception& failure) {
  const int code = failure.getErrorCode() & 0xff;
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR;
}

// Where the owner's page is, by the file alone; 0 when it has no such table. Nothing where that cannot be
// read.
std::optional<std::uint32_t> find_owner(const ConnectionOptions& options) {
  ConnectionOptions alone = options;
  alone.immutable = true;
  try {
    Connection connection{alone, Role::reads};
    return static_cast<std::uint32_t>(connection.number(queries::root_of_owner));
  } catch (const SQLite::Exception& failure) {
    if (!is_damaged(failure)) throw;
    return std::nullopt;
  }
}

// A piece of a file; nothing where that is cut off.
std::vector<std::byte> read_file(const std::filesystem::path& name, std::uint64_t at, std::size_t bytes) {
  const os::Descriptor file = os::open_file(name, os::Access::read);
  const auto facts = file.is_open() ? os::look_at(file) : std::nullopt;
  if (!facts) throw Error{Errc::store_failed, name.string() + " cannot be looked at: " + os::why().message()};
  if (facts->bytes < at + bytes) return {};
  std::vector<std::byte> found(bytes);
  read_bytes(file, name, at, found);
  return found;
}

// Whether the one is what a group, or a new owner, makes of the other.
bool follows(const OwnerRow& next, const OwnerRow& row) {
  // The time may fall, by a clock that was put back.
  if (next.epoch == row.epoch) {
    return next.group == row.group + 1 && next.next_key >= row.next_key && next.next_event >= row.next_event;
  }
  OwnerRow taken = row;
  ++taken.epoch;
  return next == taken;
}

std::string in_words(const OwnerRow& row) {
  return "group " + std::to_string(row.group) + " of epoch " + std::to_string(row.epoch);
}

std::optional<std::string> other_owner(const OwnerRow& owner, const std::vector<OwnerRow>& logged) {
  if (logged.empty() || follows(logged.front(), owner) || std::ranges::find(logged, owner) != logged.end())
    return std::nullopt;
  return "the file holds " + in_words(owner) + ", and the log begins with " + in_words(logged.front());
}

std::optional<std::string> other_first_page(const DatabaseHead& head, const LogContent& log) {
  if (log.heads.empty()) {
    // No group has made the file longer or shorter.
    if (head.pages == 0 || log.pages == 0 || head.pages == log.pages) return std::nullopt;
    return "the file has " + detail::counted(head.pages, "page") + ", and the log is of one with " +
           std::to_string(log.pages);
  }
  constexpr std::uint32_t schema_of_a_new_copy = 1;
  if (head.schema == schema_of_a_new_copy ||
      std::ranges::find(log.heads, head.schema, &DatabaseHead::schema) != log.heads.end())
    return std::nullopt;
  // The log may begin with a change of the schema: a VACUUM, or the triggers of the audit trail.
  constexpr std::uint32_t changes_at_once_max = 8;
  const DatabaseHead& first = log.heads.front();
  const bool precedes = head.changes == first.changes || head.changes + 1 == first.changes;
  if (head.schema < first.schema && first.schema - head.schema <= changes_at_once_max && precedes)
    return std::nullopt;
  return "the file has schema " + std::to_string(head.schema) +
         ", as after a VACUUM, and the log begins with " + std::to_string(first.schema);
}

}  // namespace

std::optional<std::string> foreign_log(const ConnectionOptions& options,
                                       const std::unique_lock<std::mutex>& /*lock*/) {
  const std::filesystem::path file = options.path;
  const std::optional<DatabaseHead> head = head_in(read_file(file, 0, database_head_bytes));
  if (!head) return std::nullopt;
  if (head->application != application_id) return "the file is a database of another program";
  if (!head->has_a_log) return "the file was never written with a log";
  const std::optional<std::uint32_t> page = find_owner(options);
  const LogContent log = read_log(log_name(file), head->page_bytes, page.value_or(0));
  if (log.page_bytes == 0) return std::nullopt;
  if (log.page_bytes != head->page_bytes) {
    return "the file has pages of " + std::to_string(head->page_bytes) + " bytes, and the log of " +
           std::to_string(log.page_bytes);
  }
  if (!page) return std::nullopt;
  if (*page == 0) return "the file has no table of its owner";
  const auto owner = owner_in(read_file(file, std::uint64_t{*page - 1} * head->page_bytes, head->page_bytes));
  if (!owner) return std::nullopt;
  if (auto why = other_owner(*owner, log.owners)) return why;
  return other_first_page(*head, log);
}

}  // namespace cairn::sqlite
