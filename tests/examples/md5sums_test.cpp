#include "examples/verify_packages/md5sums.hpp"

#include "examples/verify_packages/text_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace verify {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string digest = "d41d8cd98f00b204e9800998ecf8427e";

std::string error_of(std::string_view text) {
  try {
    static_cast<void>(parse_md5sums(text, "list"));
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Md5sums, ReadsDigestAndNameOfEachLine) {
  const auto sums = parse_md5sums(digest + "  usr/bin/a\n" + std::string(32, '0') + "  usr/bin/b c\n",
                                  "list");
  ASSERT_THAT(sums, SizeIs(2));
  EXPECT_EQ(sums[0].digest, digest);
  EXPECT_EQ(sums[0].path, "usr/bin/a");
  EXPECT_EQ(sums[1].path, "usr/bin/b c");
}

TEST(Md5sums, ReadsTheLastLineWithoutItsLineEnd) {
  EXPECT_THAT(parse_md5sums(digest + "  a", "list"), SizeIs(1));
}

TEST(Md5sums, FindsNothingInAnEmptyText) {
  EXPECT_THAT(parse_md5sums("", "list"), IsEmpty());
}

TEST(Md5sums, TakesTheMarkOfBinaryMode) {
  EXPECT_EQ(parse_md5sums(digest + " *a", "list")[0].path, "a");
}

TEST(Md5sums, KeepsAStarThatBelongsToTheName) {
  EXPECT_EQ(parse_md5sums(digest + "  *a", "list")[0].path, "*a");
}

TEST(Md5sums, TakesUpperCaseDigests) {
  EXPECT_EQ(parse_md5sums("D41D8CD98F00B204E9800998ECF8427E  a", "list")[0].digest, digest);
}

TEST(Md5sums, UndoesEscapesOnALineThatIsMarkedAsEscaped) {
  EXPECT_EQ(parse_md5sums("\\" + digest + R"(  a\nb\\c\rd)", "list")[0].path, "a\nb\\c\rd");
}

TEST(Md5sums, KeepsABackslashOnAnyOtherLine) {
  EXPECT_EQ(parse_md5sums(digest + R"(  system-systemd\x2dcryptsetup.slice)", "list")[0].path,
            R"(system-systemd\x2dcryptsetup.slice)");
}

TEST(Md5sums, PassesOverEmptyLinesAndRemarks) {
  EXPECT_THAT(parse_md5sums("# made by hand\n\n" + digest + "  a\n", "list"), SizeIs(1));
}

TEST(Md5sums, SaysWhereTheNextLineBegins) {
  const std::string text = "# remark\n" + digest + "  a\n\n" + digest + "  b";
  const auto sums = parse_md5sums(text, "list");
  EXPECT_EQ(text.substr(sums[0].line_end), "\n" + digest + "  b");
  EXPECT_EQ(sums[1].line_end, text.size());
}

TEST(Md5sums, RefusesALineWithoutADigest) {
  EXPECT_THAT(error_of("usr/bin/a\n"), HasSubstr("list:1: a line begins with an MD5 digest"));
}

TEST(Md5sums, RefusesADigestOfAnotherLength) {
  EXPECT_THAT(error_of(digest.substr(1) + "  a\n"), HasSubstr("list:1: a line begins with an MD5 digest"));
  EXPECT_THAT(error_of(digest + "00  a\n"), HasSubstr("list:1: two spaces"));
}

TEST(Md5sums, RefusesASingleSpace) {
  EXPECT_THAT(error_of(digest + " a"), HasSubstr("list:1: two spaces"));
}

TEST(Md5sums, RefusesALineWithoutAName) {
  EXPECT_THAT(error_of(digest + "  \n"), HasSubstr("list:1: a name follows"));
}

TEST(Md5sums, RefusesAnUnknownEscape) {
  EXPECT_THAT(error_of("\\" + digest + R"(  a\tb)"), HasSubstr("list:1: a name on a line"));
  EXPECT_THAT(error_of("\\" + digest + R"(  a\)"), HasSubstr("list:1: a name on a line"));
}

TEST(Md5sums, RefusesANameWithANulByte) {
  EXPECT_THAT(error_of(digest + "  a" + std::string(1, '\0') + "b"),
              HasSubstr("list:1: a name holds no NUL"));
}

TEST(Md5sums, NamesTheLineThatIsWrong) {
  EXPECT_THAT(error_of(digest + "  a\n\n" + digest + "  b\nwrong\n"), HasSubstr("list:4: "));
}

}  // namespace
}  // namespace verify
