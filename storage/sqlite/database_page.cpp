#include "storage/sqlite/database_page.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace cairn::sqlite {
namespace {

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
std::optional<OwnerRow> owner_in(Bytes page) {
  constexpr std::size_t page_bytes_min = 512;
  constexpr std::size_t columns_of_the_first_format = 7;
  constexpr std::size_t columns_max = 10;
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
  // A migration adds columns; a row has them once it was written again.
  const std::uint64_t columns = record.varint() - 1;
  if (columns != columns_of_the_first_format && columns != columns_max) return std::nullopt;
  std::array<std::uint64_t, columns_max> types = {};
  for (std::size_t column = 0; column < columns; ++column) types[column] = record.varint();
  if (types[0] != 0) return std::nullopt;  // the row's number stands before the record
  std::array<std::int64_t, columns_max> values = {};
  for (std::size_t column = 1; column < columns; ++column) {
    const bool is_null = types[column] == 0 && column >= columns_of_the_first_format;
    if (!is_null) values[column] = record.integer(types[column]);
  }
  if (!record.is_at_end()) return std::nullopt;
  return OwnerRow{.epoch = values[1],
                  .group = values[2],
                  .next_key = values[3],
                  .next_event = values[4],
                  .last_time = values[5]};
}

// sqlite.org/fileformat2.html#the_database_header
std::optional<DatabaseHead> head_in(Bytes page) {
  constexpr std::string_view magic{"SQLite format 3\0", 16};
  if (page.size() < database_head_bytes || std::memcmp(page.data(), magic.data(), magic.size()) != 0)
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

}  // namespace cairn::sqlite
