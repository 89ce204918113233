#include "values/excerpt.hpp"
#include "values/utf8.hpp"

#include <cairn/id.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace cairn {
namespace {

// Encodes by the definition, also what must not be encoded.
std::string encode(std::uint32_t point, int length) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
  switch (length) {
    case 1:
      return {byte(point)};
    case 2:
      return {byte(0xc0 | point >> 6), byte(0x80 | (point & 0x3f))};
    case 3:
      return {byte(0xe0 | point >> 12), byte(0x80 | (point >> 6 & 0x3f)), byte(0x80 | (point & 0x3f))};
    default:
      return {byte(0xf0 | point >> 18), byte(0x80 | (point >> 12 & 0x3f)), byte(0x80 | (point >> 6 & 0x3f)),
              byte(0x80 | (point & 0x3f))};
  }
}

int shortest_length(std::uint32_t point) {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}

TEST(Utf8, IsTheShortestFormOfEveryCodePointButSurrogates) {
  constexpr std::array<std::uint32_t, 5> ends{0, 0x80, 0x800, 0x10000, 0x200000};
  for (int length = 1; length <= 4; ++length) {
    for (std::uint32_t point = 0; point < ends[static_cast<std::size_t>(length)]; ++point) {
      const bool surrogate = point >= 0xd800 && point <= 0xdfff;
      const bool expected = length == shortest_length(point) && !surrogate && point <= 0x10ffff;
      ASSERT_EQ(is_utf8(encode(point, length)), expected) << point << " in " << length;
    }
  }
}

TEST(Utf8, RefusesWhatIsCutOffOrStrays) {
  for (const std::string_view text :
       {"\x80", "\xbf", "\xc3", "\xe2\x82", "\xf0\x9f\xaa", "\xc3(", "\xe2(\x82", "\xe2\x82(",
        "\xf0\x9f\xaa(", "\xfe", "\xff", "\xf8\x88\x80\x80\x80", "\xc0\x80", "\xed\xa0\x80"}) {
    EXPECT_FALSE(is_utf8(text));
    EXPECT_FALSE(is_utf8("abcdefgh" + std::string{text}));
    EXPECT_FALSE(is_utf8(std::string{text} + "abcdefgh"));
  }
}

TEST(Utf8, TakesEmptyTextAndNulBytes) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8(std::string_view{}));
  EXPECT_TRUE(is_utf8(std::string_view{"\0a\0", 3}));
}

TEST(Utf8, FindsTheFirstBadByteWhereverItIs) {
  for (std::size_t before = 0; before < 40; ++before) {
    for (const std::string_view filler : {"x", "\xc3\xa9", "\xe2\x82\xac"}) {
      std::string text;
      while (text.size() < before) text += filler;
      const std::size_t bad = text.size();
      text += "\xff and so on";
      ASSERT_EQ(values::find_invalid_utf8(text), bad);
    }
  }
}

TEST(Excerpt, LeavesPrintableAsciiAlone) {
  EXPECT_EQ(values::escaped("it's [fine] ~1"), "it's [fine] ~1");
}

TEST(Excerpt, EscapesEverythingElse) {
  EXPECT_EQ(values::escaped("a\\b\nc\x7f\xc3\xa9"), "a\\\\b\\x0ac\\x7f\\xc3\\xa9");
  EXPECT_EQ(values::escaped(std::string_view{"\0", 1}), "\\x00");
  EXPECT_EQ(values::quoted("it's"), "'it\\'s'");
}

TEST(Excerpt, IsBounded) {
  EXPECT_EQ(values::quoted("abcdef", 6), "'abcdef'");
  EXPECT_EQ(values::quoted("abcdefg", 6), "'abcdef...'");
  EXPECT_LE(values::escaped(std::string(10'000'000, '\xff')).size(), 4 * 40 + 3U);
}

}  // namespace
}  // namespace cairn
