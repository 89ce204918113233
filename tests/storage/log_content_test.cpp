#include "storage/sqlite/log_content.hpp"

#include "tests/storage/store_fixture.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

// A log is read on any machine, whichever kind of machine has written it.
namespace cairn::testing {
namespace {

constexpr std::size_t bytes_of_a_page = 512;

// Puts numbers into a log as sqlite.org/fileformat2.html#the_write_ahead_log says; only the words of which
// checksums are made may have their bytes the other way round.
class LogWriter {
 public:
  explicit LogWriter(bool big_endian) : big_endian_{big_endian} {
    number(0x377f0682 + (big_endian ? 1 : 0));
    number(3'007'000);
    number(bytes_of_a_page);
    number(0);   // checkpoints before it
    number(11);  // salt
    number(12);  // salt
    sum(0, 24);
    number(first_);
    number(second_);
  }

  void frame(std::uint32_t page, std::uint32_t pages, char content) {
    const std::size_t begin = text_.size();
    number(page);
    number(pages);
    number(11);
    number(12);
    sum(begin, 8);
    const std::size_t hole = text_.size();
    text_.append(8, '\0');
    text_.append(bytes_of_a_page, content);
    sum(hole + 8, bytes_of_a_page);
    text_.replace(hole, 8, bytes_of(first_) + bytes_of(second_));
  }

  [[nodiscard]] std::string& text() { return text_; }

 private:
  static std::string bytes_of(std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xffU);
    return bytes;
  }
  void number(std::uint32_t value) { text_ += bytes_of(value); }
  [[nodiscard]] std::uint32_t word(std::size_t at) const {
    std::uint32_t found = 0;
    for (std::size_t i = 0; i < 4; ++i)
      found = found << 8 | static_cast<unsigned char>(text_[at + (big_endian_ ? i : 3 - i)]);
    return found;
  }
  void sum(std::size_t begin, std::size_t bytes) {
    for (std::size_t at = begin; at < begin + bytes; at += 8) {
      first_ += word(at) + second_;
      second_ += word(at + 4) + first_;
    }
  }

  bool big_endian_;
  std::uint32_t first_ = 0;
  std::uint32_t second_ = 0;
  std::string text_;
};

class LogContentTest : public ::testing::TestWithParam<bool> {
 protected:
  [[nodiscard]] sqlite::LogContent read() {
    std::ofstream{name(), std::ios::binary} << log.text();
    return sqlite::read_log(name(), bytes_of_a_page, 2);
  }
  [[nodiscard]] std::filesystem::path name() const { return folder / "store.db-wal"; }

  Folder folder;
  LogWriter log{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(WrittenBy, LogContentTest, ::testing::Bool(), [](const auto& machine) {
  return machine.param ? "a_big_endian_machine" : "a_little_endian_machine";
});

TEST_P(LogContentTest, IsReadAsFarAsItIsWhole) {
  log.frame(5, 0, 'a');
  log.frame(6, 9, 'b');
  const std::size_t whole = log.text().size();
  log.frame(7, 10, 'c');
  log.text().back() = 'd';
  EXPECT_EQ(read().pages, 9U);
  log.text()[whole - 1] = 'd';
  EXPECT_EQ(read().pages, 0U) << "no transaction is whole";
  EXPECT_EQ(read().page_bytes, bytes_of_a_page);
}

TEST_P(LogContentTest, IsNoLogWhenItsHeaderIsDamaged) {
  log.frame(6, 9, 'b');
  log.text()[13] ^= 1;
  EXPECT_EQ(read().page_bytes, 0U);
}

}  // namespace
}  // namespace cairn::testing
