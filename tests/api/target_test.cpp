#include "api/requests/target.hpp"

#include <cairn/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace cairn::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string refusal(std::string_view target) {
  try {
    parse_target(target);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::invalid_argument);
    return error.what();
  }
  return "accepted";
}

TEST(Target, SplitsThePathBeforeItDecodes) {
  EXPECT_THAT(parse_target("/a/b%2Fc/d").segments, ElementsAre("a", "b/c", "d"));
}

TEST(Target, DecodesEachEscapeExactlyOnce) {
  EXPECT_THAT(parse_target("/%2541").segments, ElementsAre("%41"));
}

TEST(Target, TakesTheCharactersThatClientsLeaveUnescaped) {
  EXPECT_THAT(parse_target("/a~!$&'()*+,;=:@b").segments, ElementsAre("a~!$&'()*+,;=:@b"));
}

TEST(Target, KnowsATrailingSlashFromAnEmptySegment) {
  EXPECT_TRUE(parse_target("/a/").trailing_slash);
  EXPECT_THAT(parse_target("/a/").segments, ElementsAre("a"));
  EXPECT_FALSE(parse_target("/a").trailing_slash);
  EXPECT_THAT(parse_target("/").segments, IsEmpty());
}

TEST(Target, RefusesEmptySegments) {
  for (const char* target : {"//", "//a", "/a//b", "/a//"})
    EXPECT_THAT(refusal(target), HasSubstr("empty segment")) << target;
}

TEST(Target, RefusesDotSegmentsInEveryWriting) {
  for (const char* target : {"/./a", "/../a", "/a/..", "/%2e%2e/a", "/%2E/a", "/.%2e"}) {
    EXPECT_THAT(refusal(target), HasSubstr("segments . or ..")) << target;
  }
}

TEST(Target, RefusesBrokenEscapes) {
  for (const char* target : {"/%", "/%4", "/%zz", "/%4g", "/a?b=%", "/a?%g0=1"}) {
    EXPECT_THAT(refusal(target), HasSubstr("two hexadecimal digits")) << target;
  }
}

TEST(Target, RefusesControlsAndWhatIsNotAsciiAlsoWhenEscaped) {
  for (const char* target :
       {"/%00", "/%0a", "/%7f", "/%c3%a9", "/a?b=%00", "/a?b=%7f", "/a?%c3%a9=b", "/a?b=\xc3\xa9"}) {
    EXPECT_THAT(refusal(target), HasSubstr("printable ASCII")) << target;
  }
  EXPECT_THAT(refusal("/\xc3\xa9"), HasSubstr("percent-encoded"));
}

TEST(Target, TakesEscapedUtf8InValuesOfTheQueryAlone) {
  EXPECT_EQ(parse_target("/a?b=gr%C3%BC%c3%9fe+%F0%9D%84%9E").query.at(0).value,
            "gr\u00fc\u00dfe \U0001d11e");
  for (const char* target : {"/a?b=%ff", "/a?b=%c3", "/a?b=%c3x", "/a?b=%ed%a0%80", "/a?b=%c0%af"})
    EXPECT_THAT(refusal(target), HasSubstr("must be UTF-8")) << target;
}

TEST(Target, RefusesOtherFormsThanAPath) {
  for (const char* target : {"http://localhost/a", "*", "localhost:80", "a/b", ""}) {
    EXPECT_THAT(refusal(target), HasSubstr("begins with /")) << target;
  }
  EXPECT_THAT(refusal("/a#b"), HasSubstr("fragment"));
}

TEST(Target, TakesTheHostOffTheAbsoluteForm) {
  const auto split = [](std::string_view target) {
    const SplitTarget found = split_target(target);
    return found.host.value_or("none") + " " + found.path;
  };
  EXPECT_EQ(split("/a?b=http://c"), "none /a?b=http://c");
  EXPECT_EQ(split("http://h:80/a/b?c"), "h:80 /a/b?c");
  EXPECT_EQ(split("HTTP://[::1]/"), "[::1] /");
  EXPECT_EQ(split("http://h"), "h /");
  EXPECT_EQ(split("http://h?c"), "h /?c");
  EXPECT_EQ(split("http:///a"), " /a");
  EXPECT_EQ(split("https://h/a"), "none https://h/a");
  EXPECT_EQ(split("*"), "none *");
}

TEST(Target, RefusesCharactersThatNoUriHas) {
  for (const char* target : {"/a\"", "/<a>", "/a\\b", "/{a}", "/a|b", "/a^", "/`"}) {
    EXPECT_THAT(refusal(target), HasSubstr("must be percent-encoded")) << target;
  }
}

TEST(Target, ReadsTheQueryAsAFormWould) {
  const Target target = parse_target("/a?x=1&y=a+b%2Bc&flag&&z=a=b");
  ASSERT_EQ(target.query.size(), 4U);
  EXPECT_EQ(target.query[0].name, "x");
  EXPECT_EQ(target.query[0].value, "1");
  EXPECT_EQ(target.query[1].value, "a b+c");
  EXPECT_EQ(target.query[2].name, "flag");
  EXPECT_EQ(target.query[2].value, "");
  EXPECT_EQ(target.query[3].value, "a=b");
}

}  // namespace
}  // namespace cairn::api
