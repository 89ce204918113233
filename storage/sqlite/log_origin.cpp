#include "storage/sqlite/log_origin.hpp"

#include "storage/sqlite/file_mark.hpp"
#include "storage/sqlite/log_format.hpp"
#include "storage/sqlite/open_files.hpp"
#include "storage/sqlite/os/files.hpp"
#include "storage/sqlite/queries.hpp"

#include <cairn/error.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <system_error>

namespace cairn::sqlite {
namespace {

using Bytes = std::span<const std::byte>;

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

}  // namespace

std::vector<OwnerRow> owners_in_log(const std::filesystem::path& log, std::size_t page_bytes,
                                    std::uint32_t page) {
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
  if ((word_at(header, 0) & ~1U) != magic || word_at(header, 8) != page_bytes ||
      !checksum.is(header.subspan(24)))
    return {};

  std::vector<OwnerRow> owners;
  std::vector<std::byte> whole(frame_header_bytes + page_bytes);
  const Bytes frame{whole};
  for (std::uint64_t at = log_header_bytes; at + whole.size() <= facts->bytes; at += whole.size()) {
    read(file, log, at, whole);
    // Behind the last frame lie those of the log before, which was begun anew.
    if (!std::ranges::equal(frame.subspan(8, 8), header.subspan(16, 8))) break;
    checksum.add(frame.first(8));
    checksum.add(frame.subspan(frame_header_bytes));
    if (!checksum.is(frame.subspan(16, 8))) break;
    if (word_at(frame, 0) != page) continue;
    if (const auto owner = owner_in(frame.subspan(frame_header_bytes))) owners.push_back(*owner);
  }
  return owners;
}

// --------------------------------------------------------------------------------------------------------
// the two together

namespace {

struct FileAlone {
  std::size_t page_bytes = 0;
  std::uint32_t owner_page = 0;
  bool has_a_log = false;  // as its first page says
  std::optional<OwnerRow> owner;
};

// Whether SQLite could not read it because of what is in it.
bool is_damaged(const SQLite::Exception& failure) {
  const int code = failure.getErrorCode() & 0xff;
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR;
}

// Where the owner's page is, by the file alone. Nothing where that cannot be read.
std::optional<FileAlone> find_owner(const ConnectionOptions& options) {
  ConnectionOptions alone = options;
  alone.immutable = true;
  try {
    Connection connection{alone, Role::reads};
    FileAlone found;
    found.page_bytes = static_cast<std::size_t>(connection.pragma("page_size"));
    found.owner_page = static_cast<std::uint32_t>(connection.number(queries::root_of_owner));
    if (found.owner_page == 0) return std::nullopt;
    return found;
  } catch (const SQLite::Exception& failure) {
    if (!is_damaged(failure)) throw;
    return std::nullopt;
  }
}

std::optional<FileAlone> look_at_file_alone(const ConnectionOptions& options) {
  constexpr std::size_t versions_at = 18;  // to write and to read; 2: with a log
  std::optional<FileAlone> found = find_owner(options);
  if (!found) return std::nullopt;
  // Nobody of this process has the file open by SQLite's means meanwhile: they would lose their locks.
  const auto lock = OpenFiles::of_this_process().lock();
  const std::filesystem::path name = options.path;
  const os::Descriptor file = os::open_file(name, os::Access::read);
  const auto facts = file.is_open() ? os::look_at(file) : std::nullopt;
  if (!facts) throw Error{Errc::store_failed, name.string() + " cannot be looked at: " + os::why().message()};
  if (facts->bytes < found->page_bytes * found->owner_page) return std::nullopt;  // cut off
  std::array<std::byte, 2> versions = {};
  read(file, name, versions_at, versions);
  found->has_a_log = versions[0] == std::byte{2} && versions[1] == std::byte{2};
  std::vector<std::byte> page(found->page_bytes);
  read(file, name, (found->owner_page - 1) * found->page_bytes, page);
  found->owner = owner_in(page);
  return found;
}

// Whether the one is what a group, or a new owner, makes of the other.
bool follows(const OwnerRow& next, const OwnerRow& row) {
  if (next.epoch == row.epoch) return next.group == row.group + 1;
  OwnerRow taken = row;
  ++taken.epoch;
  return next == taken;
}

std::string in_words(const OwnerRow& row) {
  return "group " + std::to_string(row.group) + " of epoch " + std::to_string(row.epoch);
}

}  // namespace

std::optional<std::string> foreign_log(const ConnectionOptions& options) {
  const std::optional<FileAlone> file = look_at_file_alone(options);
  if (!file) return std::nullopt;
  if (!file->has_a_log) return "the file was never written with a log";
  if (!file->owner) return std::nullopt;
  const std::vector<OwnerRow> logged = owners_in_log(log_name(options.path), file->page_bytes,
                                                     file->owner_page);
  if (logged.empty() || follows(logged.front(), *file->owner) ||
      std::ranges::find(logged, *file->owner) != logged.end())
    return std::nullopt;
  return "the file holds " + in_words(*file->owner) + ", and the log begins with " + in_words(logged.front());
}

}  // namespace cairn::sqlite
