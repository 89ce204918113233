#include "storage/sqlite/log_origin.hpp"

#include "storage/sqlite/file_check.hpp"
#include "storage/sqlite/file_mark.hpp"
#include "storage/sqlite/log_format.hpp"
#include "storage/sqlite/os/files.hpp"
#include "storage/sqlite/queries.hpp"

#include <cairn/error.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <system_error>

namespace cairn::sqlite {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t head_bytes = 100;

std::uint64_t big_endian(Bytes bytes) {
  std::uint64_t number = 0;
  for (const std::byte byte : bytes) number = number << 8 | std::to_integer<std::uint64_t>(byte);
  return number;
}

std::uint32_t word_at(Bytes bytes, std::size_t at) {
  return static_cast<std::uint32_t>(big_endian(bytes.subspan(at, 4)));
}

// --------------------------------------------------------------------------------------------------------
// a page

// Takes what a record consists of from its front; what is not there makes it fail for good.
class Record {
 public:
  explicit Record(Bytes bytes) : left_{bytes} {}

  // sqlite.org/fileformat2.html#varint, of one byte: this record is short.
  std::uint64_t varint() {
    constexpr std::uint64_t goes_on = 0x80;
    const std::uint64_t found = number(1);
    failed_ = failed_ || found >= goes_on;
    return found;
  }
  std::uint64_t number(std::size_t bytes) {
    if (left_.size() < bytes) {
      left_ = {};
      failed_ = true;
      return 0;
    }
    const std::uint64_t found = big_endian(left_.first(bytes));
    left_ = left_.subspan(bytes);
    return found;
  }
  // sqlite.org/fileformat2.html#serialtype
  std::int64_t integer(std::uint64_t type) {
    constexpr std::array<std::size_t, 7> widths{0, 1, 2, 3, 4, 6, 8};
    if (type == 8 || type == 9) return static_cast<std::int64_t>(type - 8);
    if (type == 0 || type >= widths.size()) {
      failed_ = true;
      return 0;
    }
    const std::size_t width = widths[type];
    const std::size_t above = 64 - 8 * width;  // bits, so that the sign is kept
    return static_cast<std::int64_t>(number(width) << above) >> above;
  }
  [[nodiscard]] bool is_at_end() const { return !failed_ && left_.empty(); }

 private:
  Bytes left_;
  bool failed_ = false;
};

}  // namespace

// sqlite.org/fileformat2.html#b_tree_pages: a leaf with one row.
std::optional<OwnerRow> owner_in(std::span<const std::byte> page) {
  constexpr std::size_t page_bytes_min = 512;
  constexpr std::size_t columns = 7;
  constexpr std::byte leaf_of_a_table{0x0d};
  if (page.size() < page_bytes_min || page[0] != leaf_of_a_table || big_endian(page.subspan(3, 2)) != 1)
    return std::nullopt;
  const std::size_t cell_at = big_endian(page.subspan(8, 2));
  if (cell_at < 10 || cell_at + 2 > page.size()) return std::nullopt;
  Record head{page.subspan(cell_at, 2)};
  const std::uint64_t bytes = head.varint();
  const std::uint64_t row = head.varint();
  if (row != 1 || !head.is_at_end() || cell_at + 2 + bytes > page.size()) return std::nullopt;
  Record record{page.subspan(cell_at + 2, bytes)};
  if (record.varint() != 1 + columns) return std::nullopt;
  std::array<std::uint64_t, columns> types = {};
  for (std::uint64_t& type : types) type = record.varint();
  if (types[0] != 0) return std::nullopt;  // the row's number stands before the record
  std::array<std::int64_t, columns> values = {};
  for (std::size_t column = 1; column < columns; ++column) values[column] = record.integer(types[column]);
  if (!record.is_at_end()) return std::nullopt;
  return OwnerRow{.epoch = values[1],
                  .group = values[2],
                  .next_key = values[3],
                  .next_event = values[4],
                  .last_time = values[5]};
}

// sqlite.org/fileformat2.html#the_database_header
std::optional<DatabaseHead> head_in(std::span<const std::byte> page) {
  constexpr std::string_view magic{"SQLite format 3\0", 16};
  if (page.size() < head_bytes || std::memcmp(page.data(), magic.data(), magic.size()) != 0)
    return std::nullopt;
  const auto stored = static_cast<std::uint32_t>(big_endian(page.subspan(16, 2)));
  const std::uint32_t changes = word_at(page, 24);
  const bool is_size_known = word_at(page, 92) == changes;
  return DatabaseHead{.page_bytes = stored == 1 ? 65536 : stored,
                      .pages = is_size_known ? word_at(page, 28) : 0,
                      .changes = changes,
                      .schema = word_at(page, 40),
                      .application = word_at(page, 68),
                      .has_a_log = page[18] == std::byte{2} && page[19] == std::byte{2}};
}

// --------------------------------------------------------------------------------------------------------
// the log: sqlite.org/fileformat2.html#the_write_ahead_log

namespace {

void read(const os::Descriptor& file, const std::filesystem::path& name, std::uint64_t at,
          std::span<std::byte> bytes) {
  if (os::read_at(file, at, bytes)) return;
  throw Error{Errc::store_failed, name.string() + " cannot be read: " + os::why().message()};
}

// Runs on from the header of a log through all of its frames.
class Checksum {
 public:
  explicit Checksum(bool big_endian) : big_endian_{big_endian} {}
  void add(Bytes bytes) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      first_ += word(bytes, at) + second_;
      second_ += word(bytes, at + 4) + first_;
    }
  }
  [[nodiscard]] bool is(Bytes stored) const {
    return word_at(stored, 0) == first_ && word_at(stored, 4) == second_;
  }

 private:
  [[nodiscard]] std::uint32_t word(Bytes bytes, std::size_t at) const {
    const std::uint32_t found = word_at(bytes, at);
    if (big_endian_) return found;
    return found >> 24 | (found >> 8 & 0xff00U) | (found << 8 & 0xff0000U) | found << 24;
  }

  bool big_endian_;
  std::uint32_t first_ = 0;
  std::uint32_t second_ = 0;
};

void add_frame(LogContent& content, Bytes frame, std::uint32_t owner_page) {
  const std::uint32_t number = word_at(frame, 0);
  if (content.pages == 0) content.pages = word_at(frame, 4);
  const Bytes page = frame.subspan(frame_header_bytes);
  if (number == 1) {
    const auto head = head_in(page);
    if (head && (content.heads.empty() || content.heads.back() != *head)) content.heads.push_back(*head);
  }
  if (number != owner_page) return;
  if (const auto owner = owner_in(page)) content.owners.push_back(*owner);
}

}  // namespace

LogContent read_log(const std::filesystem::path& log, std::size_t page_bytes, std::uint32_t page) {
  constexpr std::uint32_t magic = 0x377f0682;  // its last bit: whose checksums are of big-endian words
  const os::Descriptor file = os::open_file(log, os::Access::read);
  if (!file.is_open() && os::why() == std::errc::no_such_file_or_directory) return {};
  const auto facts = file.is_open() ? os::look_at(file) : std::nullopt;
  if (!facts) throw Error{Errc::store_failed, log.string() + " cannot be looked at: " + os::why().message()};
  if (facts->bytes < log_header_bytes) return {};

  std::array<std::byte, log_header_bytes> head = {};
  read(file, log, 0, head);
  const Bytes header{head};
  Checksum checksum{(word_at(header, 0) & 1U) != 0};
  checksum.add(header.first(24));
  if ((word_at(header, 0) & ~1U) != magic || !checksum.is(header.subspan(24))) return {};
  LogContent content;
  content.page_bytes = word_at(header, 8);
  if (content.page_bytes != page_bytes) return content;

  std::vector<std::byte> whole(frame_header_bytes + page_bytes);
  const Bytes frame{whole};
  for (std::uint64_t at = log_header_bytes; at + whole.size() <= facts->bytes; at += whole.size()) {
    read(file, log, at, whole);
    // Behind the last frame lie those of the log before, which was begun anew.
    if (!std::ranges::equal(frame.subspan(8, 8), header.subspan(16, 8))) break;
    checksum.add(frame.first(8));
    checksum.add(frame.subspan(frame_header_bytes));
    if (!checksum.is(frame.subspan(16, 8))) break;
    add_frame(content, frame, page);
  }
  return content;
}

// --------------------------------------------------------------------------------------------------------
// the two together

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
  read(file, name, at, found);
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
    return "the file has " + std::to_string(head.pages) + " pages, and the log is of one with " +
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
  const std::optional<DatabaseHead> head = head_in(read_file(file, 0, head_bytes));
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
