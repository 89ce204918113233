#include "tests/values/refusal.hpp"

#include <cairn/codec.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn {
namespace {

using tests::is_presentable;
using tests::refusal;

std::string parse_refusal(std::string_view text, std::size_t depth_max = 64) {
  return refusal([&] { return parse_json(text, "params", depth_max); });
}

TEST(KindOf, SaysItInWords) {
  EXPECT_EQ(kind_of(nullptr), "null");
  EXPECT_EQ(kind_of(true), "a boolean");
  EXPECT_EQ(kind_of(-1), "a number");
  EXPECT_EQ(kind_of(1U), "a number");
  EXPECT_EQ(kind_of(0.5), "a number");
  EXPECT_EQ(kind_of("x"), "a string");
  EXPECT_EQ(kind_of(json::array()), "an array");
  EXPECT_EQ(kind_of(json::object()), "an object");
  EXPECT_EQ(kind_of(json::binary({1})), "binary data");
  EXPECT_EQ(kind_of(json(json::value_t::discarded)), "no value");
}

// One string alone is read in a way of its own.
TEST(ParseJson, ReadsAStringAsNlohmannDoesWhateverStandsInIt) {
  const std::vector<std::string> pieces{"x",       "abcdefghijk",  "\\n",      "\\\"",
                                        "\\\\",    "\\/",          "\\b",      "\\f",
                                        "\\r",     "\\t",          "\\u",      "\\u00e9",
                                        "\\x",     "\\",           "\"",       "\n",
                                        "\x1f",    "\x7f",         "\xc3\xa9", "\xf0\x9f\xaa\xa8",
                                        "\xc3",    "\xed\xa0\x80", "\x80",     "/",
                                        "\\ud83e", "\xff",         " ",        "\xc0\x80"};
  std::minstd_rand random{1};
  std::size_t accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = "\"";
    for (std::size_t count = random() % 6; count > 0; --count) text += pieces[random() % pieces.size()];
    if (random() % 20 != 0) text += '"';
    const json expected = json::parse(text, nullptr, false);
    if (expected.is_discarded()) {
      EXPECT_NE(parse_refusal(text), "") << text;
    } else {
      EXPECT_EQ(parse_json(text), expected) << text;
      ++accepted;
    }
  }
  EXPECT_GT(accepted, 3'000U);
}

TEST(ParseJson, ReadsWhatNlohmannReads) {
  for (const std::string text : {"null",
                                 "true",
                                 "false",
                                 "0",
                                 "-0",
                                 "-1",
                                 "1.0",
                                 "1e2",
                                 "-1.5E-3",
                                 "\"\"",
                                 "\"\\u00e9\\n\\ud83e\\udea8\"",
                                 "\"é\"",
                                 "[]",
                                 "{}",
                                 "[[],{},[{}]]",
                                 "{\"\":{\"\":[]}}",
                                 " \t\r\n[ 1 , 2 ] \n",
                                 "{\"a\":[1,{\"b\":null}],\"c\":\"x\"}",
                                 "9223372036854775807",
                                 "-9223372036854775808",
                                 "18446744073709551615",
                                 "\"\\u0000\"",
                                 "1.7976931348623157e308"}) {
    EXPECT_EQ(parse_json(text), json::parse(text)) << text;
    EXPECT_EQ(parse_json(text).type(), json::parse(text).type()) << text;
  }
}

TEST(ParseJson, SaysWhereTheTextIsMalformedAndWhy) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"", "byte 0: unexpected end of input; expected '[', '{', or a literal"},
      {"   ", "byte 3: unexpected end of input; expected '[', '{', or a literal"},
      {"nulx", "byte 3: invalid literal"},
      {"[1,2", "byte 4: unexpected end of input; expected ']'"},
      {"[1,]", "byte 3: unexpected ']'; expected '[', '{', or a literal"},
      {"{a:1}", "byte 1: invalid literal"},
      {"{\"a\" 1}", "byte 5: unexpected number literal; expected ':'"},
      {"{\"a\":1,}", "byte 7: unexpected '}'; expected string literal"},
      {"1 2", "byte 2: unexpected number literal; expected end of input"},
      {"{} x", "byte 3: invalid literal"},
      {"\"abc", "byte 4: invalid string: missing closing quote"},
      {"'x'", "byte 0: invalid literal"},
      {"[-]", "byte 2: invalid number; expected digit after '-'"},
      {"\"\x01\"", "byte 1: invalid string: control character U+0001 (SOH) must be escaped to \\u0001"},
      {"\"\\ud800\"", "byte 7: invalid string: surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF"},
      {"\"\\x\"", "byte 2: invalid string: forbidden character after backslash"},
      {"\"\xff\"", "byte 1: invalid string: ill-formed UTF-8 byte"},
      {"\"\xc0\x80\"", "byte 1: invalid string: ill-formed UTF-8 byte"},
      {"\"\xed\xa0\x80\"", "byte 2: invalid string: ill-formed UTF-8 byte"},
      {"[01]", "byte 2: unexpected number literal; expected ']'"},
      {"// no\n1", "byte 0: invalid literal"},
      {"NaN", "byte 0: invalid literal"},
      {"+1", "byte 0: invalid literal"},
  };
  for (const auto& [text, rule] : table)
    EXPECT_EQ(parse_refusal(text), "params: not well-formed JSON at " + rule);
}

TEST(ParseJson, RefusesAByteOrderMark) {
  EXPECT_EQ(parse_refusal("\xef\xbb\xbf{}"), "params: must not begin with a byte order mark");
  EXPECT_PRED1(is_presentable, parse_refusal("\xef\xbb{}"));
  EXPECT_PRED1(is_presentable, parse_refusal("\xff\xfe{\0}"));
}

TEST(ParseJson, RefusesNulBytesInsteadOfStoppingThere) {
  EXPECT_EQ(parse_refusal(std::string_view{"1\0", 2}), "params: not well-formed JSON at byte 1: a NUL byte");
  EXPECT_EQ(parse_refusal(std::string_view{"{}\0{{{", 6}),
            "params: not well-formed JSON at byte 2: a NUL byte");
  EXPECT_EQ(parse_refusal(std::string_view{"\0", 1}), "params: not well-formed JSON at byte 0: a NUL byte");
}

TEST(ParseJson, RefusesAKeyThatStandsTwice) {
  EXPECT_EQ(parse_refusal(R"({"a":1,"b":2,"a":1})"), "params: has the key 'a' twice");
  EXPECT_EQ(parse_refusal(R"({"x":[0,{"a":1,"\u0061":2}]})"), "params.x[1]: has the key 'a' twice");
  EXPECT_EQ(parse_refusal(R"({"":{"":1,"":2}})"), "params['']: has the key '' twice");
  EXPECT_EQ(parse_json(R"([{"a":1},{"a":{"a":2}}])"), json::parse(R"([{"a":1},{"a":{"a":2}}])"));
}

TEST(ParseJson, RefusesIntegersOutside64Bits) {
  const std::string rule = ": must be an integer of 64 bits, or be written with a fraction or an exponent";
  EXPECT_EQ(parse_refusal("18446744073709551616"), "params" + rule);
  EXPECT_EQ(parse_refusal("-9223372036854775809"), "params" + rule);
  EXPECT_EQ(parse_refusal("{\"a\":[1,100000000000000000000000]}"), "params.a[1]" + rule);
  EXPECT_EQ(parse_refusal("{\"a/b~c\":-100000000000000000000}"), "params['a/b~c']" + rule);
  EXPECT_EQ(parse_json("18446744073709551616.0").get<double>(), 18446744073709551616.0);
  EXPECT_EQ(parse_json("1e300").get<double>(), 1e300);
}

TEST(ParseJson, RefusesNumbersBeyondADouble) {
  EXPECT_EQ(parse_refusal("1e999"),
            "params: must not hold a number beyond the range of a double; one ends at byte 4");
  EXPECT_EQ(parse_refusal("[-1e400]").substr(0, 62),
            "params: must not hold a number beyond the range of a double; o");
  EXPECT_PRED1(is_presentable, parse_refusal(std::string(400, '9')));
}

TEST(ParseJson, CountsDepthInContainers) {
  EXPECT_EQ(parse_json("1", "params", 0), 1);
  EXPECT_EQ(parse_refusal("[]", 0), "params: must not be nested deeper than 0 levels");
  EXPECT_NO_THROW(static_cast<void>(parse_json("[{\"a\":[]}]", "params", 3)));
  EXPECT_EQ(parse_refusal("[{\"a\":[]}]", 2), "params: must not be nested deeper than 2 levels");
  EXPECT_NO_THROW(static_cast<void>(parse_json(std::string(64, '[') + std::string(64, ']'))));
  EXPECT_EQ(parse_refusal(std::string(65, '[') + std::string(65, ']')),
            "params: must not be nested deeper than 64 levels");
  EXPECT_NO_THROW(static_cast<void>(parse_json("[[],[[]],[[],[]]]", "params", 3)));
}

TEST(ParseJson, HoldsTheDepthThatIsAskedForAtTheLimit) {
  const std::string text = std::string(json_depth_limit + 1, '[') + std::string(json_depth_limit + 1, ']');
  EXPECT_EQ(parse_refusal(text, std::numeric_limits<std::size_t>::max()),
            "params: must not be nested deeper than 128 levels");
  EXPECT_NO_THROW(static_cast<void>(parse_json(text.substr(1, text.size() - 2), "params", json_depth_limit)));
}

TEST(ParseJson, ShowsNoMoreOfTheInputThanAnExcerpt) {
  const std::string long_key(1'000'000, 'k');
  EXPECT_PRED1(is_presentable, parse_refusal("{\"" + long_key + "\":1,\"" + long_key + "\":1}"));
  EXPECT_PRED1(is_presentable, parse_refusal("{\"" + long_key + "\":1e}"));
  EXPECT_PRED1(is_presentable, parse_refusal("{\"" + long_key + "\":99999999999999999999}"));
  EXPECT_PRED1(is_presentable, parse_refusal("\"" + long_key));
  EXPECT_PRED1(is_presentable, parse_refusal("{\"\\u0007\xc3\xa9\":{\"a\":1,\"a\":1}}"));
  std::string long_path;
  for (int i = 0; i < 60; ++i) long_path += "{\"" + std::string(100, 'k') + "\":";
  EXPECT_PRED1(is_presentable, parse_refusal(long_path + "99999999999999999999"));
}

TEST(ParseJson, NamesLongPathsByTheirEnds) {
  std::string text = "99999999999999999999";
  for (int i = 19; i >= 0; --i) text = "{\"" + std::to_string(i) + "\":" + text + "}";
  EXPECT_EQ(parse_refusal(text).substr(0, 84),
            "params['0']['1']['2']['3']['4']['5']...['14']['15']['16']['17']['18']['19']: must be");
}

// A random document, well-formed except for one random change.
class RandomText {
 public:
  explicit RandomText(std::uint64_t seed) : random_(seed) {}

  std::string next() {
    std::string text = value(0);
    for (std::uint64_t changes = random_() % 3; changes > 0 && !text.empty(); --changes) {
      static constexpr std::string_view bytes =
          "[]{},:\"\\0123456789eE+-. \n\tnulltrefas\x01\x7f\x80\xbf\xc3\xe2\xf0\xff";
      const std::size_t at = random_() % text.size();
      const char byte = bytes[random_() % bytes.size()];
      switch (random_() % 3) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.insert(at, 1, byte);
          break;
        default:
          text.erase(at, 1 + random_() % 3);
      }
    }
    return text;
  }

 private:
  std::string value(int depth) {
    switch (random_() % (depth < 4 ? 8 : 6)) {
      case 0:
        return "null";
      case 1:
        return "true";
      case 2:
        return std::to_string(static_cast<std::int64_t>(random_()) >> (random_() % 64));
      case 3:
        return std::to_string(random_() % 100) + "." + std::to_string(random_() % 100) + "e-" +
               std::to_string(random_() % 9);
      case 4:
        return std::to_string(random_()) + std::string(random_() % 3, '0');
      case 5:
        return string();
      case 6: {
        std::string text = "[";
        for (std::uint64_t i = random_() % 4; i > 0; --i)
          text += (text.size() > 1 ? "," : "") + value(depth + 1);
        return text + "]";
      }
      default: {
        std::string text = "{";
        for (std::uint64_t i = random_() % 4; i > 0; --i) {
          text += (text.size() > 1 ? "," : "") + string() + ":" + value(depth + 1);
        }
        return text + "}";
      }
    }
  }

  std::string string() {
    static const std::vector<std::string> pieces{"a",       "b",    "é", "石", "\\n",
                                                 "\\u00e9", "\\\"", "/", "~",  " "};
    std::string text = "\"";
    for (std::uint64_t i = random_() % 4; i > 0; --i) text += pieces[random_() % pieces.size()];
    return text + "\"";
  }

  std::mt19937_64 random_;
};

TEST(ParseJson, RandomTextIsReadAsNlohmannReadsItOrRefusedForAReason) {
  RandomText texts{6};
  int read = 0;
  int refused = 0;
  for (int i = 0; i < 6'000; ++i) {
    const std::string text = texts.next();
    try {
      const json value = parse_json(text);
      ASSERT_EQ(value, json::parse(text)) << text;
      ++read;
    } catch (const Error& error) {
      const std::string message = error.what();
      ASSERT_PRED1(is_presentable, message) << text;
      const bool stricter = message.find("twice") != std::string::npos ||
                            message.find("64 bits") != std::string::npos;
      ASSERT_TRUE(stricter || !json::accept(text)) << message << "\n" << text;
      ++refused;
    }
  }
  EXPECT_GT(read, 1'000);
  EXPECT_GT(refused, 1'000);
}

}  // namespace
}  // namespace cairn
