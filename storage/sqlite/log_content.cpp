#include "storage/sqlite/log_content.hpp"

#include "storage/sqlite/log_format.hpp"

#include <cairn/error.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <system_error>

// sqlite.org/fileformat2.html#the_write_ahead_log
namespace cairn::sqlite {
namespace {

// Runs on from the header of a log through all of its frames. All of a log goes through it, so it takes words
// as this machine has them: they are those of the log, unless a machine of the other kind has written it.
class Checksum {
 public:
  explicit Checksum(bool big_endian) : swaps_{big_endian != (std::endian::native == std::endian::big)} {}
  void add(Bytes bytes) {
    std::array<std::uint32_t, 2> two = {};
    for (std::size_t at = 0; at + sizeof two <= bytes.size(); at += sizeof two) {
      std::memcpy(two.data(), bytes.data() + at, sizeof two);
      if (swaps_) two = {swapped(two[0]), swapped(two[1])};
      first_ += two[0] + second_;
      second_ += two[1] + first_;
    }
  }
  [[nodiscard]] bool is(Bytes stored) const {
    return word_at(stored, 0) == first_ && word_at(stored, 4) == second_;
  }

 private:
  static std::uint32_t swapped(std::uint32_t word) {
    return word >> 24 | (word >> 8 & 0xff00U) | (word << 8 & 0xff0000U) | word << 24;
  }

  bool swaps_;
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
  read_bytes(file, log, 0, head);
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
    read_bytes(file, log, at, whole);
    // Behind the last frame lie those of the log before, which was begun anew.
    if (!std::ranges::equal(frame.subspan(8, 8), header.subspan(16, 8))) break;
    checksum.add(frame.first(8));
    checksum.add(frame.subspan(frame_header_bytes));
    if (!checksum.is(frame.subspan(16, 8))) break;
    add_frame(content, frame, page);
  }
  return content;
}

}  // namespace cairn::sqlite
