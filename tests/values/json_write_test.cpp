#include "tests/values/refusal.hpp"

#include <cairn/codec.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::write_test {

struct Order {
  std::string id;
  int cents = 0;
  std::vector<double> weights;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Order, id, cents, weights)

struct Faulty {};
inline void to_json(json& out, const Faulty& /*value*/) {
  out = json(5).at("x");
}

struct Throwing {};
inline void to_json(json& /*out*/, const Throwing& /*value*/) {
  throw std::domain_error("not today");
}

}  // namespace cairn::write_test

namespace cairn {
namespace {

using tests::is_presentable;
using tests::refusal;
using write_test::Order;

std::string writing_refusal(const json& value) {
  return refusal([&] { return write_json(value, "result"); });
}

TEST(WriteJson, IsCompact) {
  EXPECT_EQ(
      write_json(json::parse(R"({"b": [1, -2, 3.5, null, true, false], "a": {"x": "y", "": []}, "c": {}})")),
      R"({"a":{"":[],"x":"y"},"b":[1,-2,3.5,null,true,false],"c":{}})");
  EXPECT_EQ(write_json(nullptr), "null");
  EXPECT_EQ(write_json(json::array()), "[]");
  EXPECT_EQ(write_json(json::object()), "{}");
  EXPECT_EQ(write_json(json::parse("[[[],[[]]],[]]")), "[[[],[[]]],[]]");
}

TEST(WriteJson, KeepsEveryIntegerOf64Bits) {
  EXPECT_EQ(write_json(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(write_json(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
}

TEST(WriteJson, KeepsFloatsAsFloats) {
  EXPECT_EQ(write_json(1.0), "1.0");
  EXPECT_EQ(write_json(-0.0), "-0.0");
  EXPECT_EQ(write_json(0.1), "0.1");
  EXPECT_EQ(write_json(1e22), "1e+22");
  EXPECT_EQ(write_json(5e-324), "5e-324");
  EXPECT_EQ(write_json(std::numeric_limits<double>::max()), "1.7976931348623157e+308");
}

TEST(WriteJson, EveryFloatIsReadBackBitByBit) {
  std::mt19937_64 random{7};
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t bits = random();
    double number = 0;
    static_assert(sizeof number == sizeof bits);
    std::memcpy(&number, &bits, sizeof number);
    if (!std::isfinite(number)) continue;
    const json back = parse_json(write_json(number));
    ASSERT_TRUE(back.is_number_float());
    ASSERT_EQ(back.get<double>(), number);
    ASSERT_EQ(std::signbit(back.get<double>()), std::signbit(number));
  }
}

TEST(WriteJson, EscapesOnlyWhatItMust) {
  EXPECT_EQ(write_json("\"\\/\b\f\n\r\t\x01\x1f\x7f é石"),
            "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f é石\"");
  EXPECT_EQ(write_json(std::string{"a\0b", 3}), "\"a\\u0000b\"");
  for (int byte = 0; byte < 128; ++byte) {
    const std::string text{'x', static_cast<char>(byte), 'y'};
    EXPECT_EQ(write_json(text), json(text).dump());
    EXPECT_EQ(write_json({{text, 1}}), (json{{text, 1}}).dump());
  }
}

TEST(WriteJson, RefusesNumbersThatJsonDoesNotHave) {
  EXPECT_EQ(writing_refusal(std::numeric_limits<double>::quiet_NaN()),
            "result: must be a finite number, is NaN");
  EXPECT_EQ(writing_refusal({{"a", {1, HUGE_VAL}}}), "result.a[1]: must be a finite number, is infinite");
  EXPECT_EQ(writing_refusal({{"a", {{"b", -HUGE_VAL}}}}), "result.a.b: must be a finite number, is infinite");
}

TEST(WriteJson, RefusesTextThatIsNotUtf8) {
  EXPECT_EQ(writing_refusal("caf\xe9"), "result: must be UTF-8; the byte at 3 does not fit");
  EXPECT_EQ(writing_refusal({0, {{"name", "\xed\xa0\x80"}}}),
            "result[1].name: must be UTF-8; the byte at 0 does not fit");
  EXPECT_EQ(writing_refusal({{"a", {{"k\xff", 1}}}}),
            "result.a['k\\xff']: must have keys in UTF-8; the byte at 1 does not fit");
}

TEST(WriteJson, RefusesValuesThatAreNoJson) {
  EXPECT_EQ(writing_refusal({1, json::binary({1, 2})}), "result[1]: must be a JSON value, is binary data");
  EXPECT_EQ(writing_refusal(json(json::value_t::discarded)), "result: must be a JSON value, is no value");
}

TEST(WriteJson, CountsDepthAsTheParserDoes) {
  const json value = json::parse("[{\"a\":[]}]");
  EXPECT_EQ(write_json(value, "result", 3), "[{\"a\":[]}]");
  EXPECT_EQ(refusal([&] { return write_json(value, "result", 2); }),
            "result: must not be nested deeper than 2 levels");
  EXPECT_EQ(write_json(1, "result", 0), "1");
}

json random_value(std::mt19937_64& random, int depth, bool floats) {
  switch (random() % (depth < 5 ? 8 : 6)) {
    case 0:
      return nullptr;
    case 1:
      return random() % 2 == 0;
    case 2:
      return static_cast<std::int64_t>(random()) >> (random() % 64);
    case 3:
      return random() >> (random() % 64);
    case 4:
      return floats ? json(std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 200) - 100))
                    : json(1);
    case 5: {
      static const std::vector<std::string> pieces{"a",  "é",    "石",   "\n",        "\"",
                                                   "\\", "\x1f", "\x7f", "xxxxxxxxxx"};
      std::string text;
      for (std::uint64_t i = random() % 6; i > 0; --i) text += pieces[random() % pieces.size()];
      return text;
    }
    case 6: {
      json array = json::array();
      for (std::uint64_t i = random() % 5; i > 0; --i)
        array.push_back(random_value(random, depth + 1, floats));
      return array;
    }
    default: {
      json object = json::object();
      for (std::uint64_t i = random() % 5; i > 0; --i) {
        object[std::to_string(random() % 100)] = random_value(random, depth + 1, floats);
      }
      return object;
    }
  }
}

TEST(WriteJson, WritesRandomValuesAsNlohmannDoes) {
  std::mt19937_64 random{8};
  for (int i = 0; i < 3'000; ++i) {
    const json value = random_value(random, 0, false);
    ASSERT_EQ(write_json(value), value.dump());
  }
}

TEST(WriteJson, RandomValuesAreReadBackAsTheyWere) {
  std::mt19937_64 random{9};
  for (int i = 0; i < 3'000; ++i) {
    const json value = random_value(random, 0, true);
    const std::string text = write_json(value);
    ASSERT_EQ(parse_json(text), value) << text;
    ASSERT_EQ(write_json(parse_json(text)), text);
  }
}

TEST(Encode, GoesThroughToJson) {
  EXPECT_EQ(encode(Order{"1", 4200, {0.5}}), R"({"cents":4200,"id":"1","weights":[0.5]})");
  EXPECT_EQ(encode(std::vector<Order>{}), "[]");
  EXPECT_EQ(encode(5), "5");
  EXPECT_EQ(encode(true), "true");
  EXPECT_EQ(encode(nullptr), "null");
  EXPECT_EQ(encode("text"), "\"text\"");
  EXPECT_EQ(encode(std::string{"text"}), "\"text\"");
  EXPECT_EQ(encode(std::string_view{"text"}), "\"text\"");
  EXPECT_EQ(encode(std::vector<int>{1, 2}), "[1,2]");
  EXPECT_EQ(encode(std::pair<int, std::string>{1, "x"}), "[1,\"x\"]");
  EXPECT_EQ(encode(std::map<std::string, int>{{"a", 1}}), "{\"a\":1}");
  EXPECT_EQ(encode(json{{"a", {1, nullptr}}}), "{\"a\":[1,null]}");
  EXPECT_EQ(encode(std::vector<json>{1, "x"}), "[1,\"x\"]");
}

TEST(Encode, NamesFieldAndMemberThatCannotBeWritten) {
  EXPECT_EQ(refusal([] {
              return encode(Order{"1", 1, {1, NAN}}, "params");
            }),
            "params.weights[1]: must be a finite number, is NaN");
  EXPECT_EQ(refusal([] {
              return encode(Order{"\xff", 1, {}}, "params");
            }),
            "params.id: must be UTF-8; the byte at 0 does not fit");
  EXPECT_EQ(refusal([] { return encode(std::string{"\xff"}); }),
            "value: must be UTF-8; the byte at 0 does not fit");
}

TEST(Encode, ReportsAToJsonThatFails) {
  EXPECT_EQ(refusal([] { return encode(write_test::Faulty{}, "result"); }),
            "result: cannot use at() with number");
  EXPECT_THROW(static_cast<void>(encode(write_test::Throwing{})), std::domain_error);
}

}  // namespace
}  // namespace cairn
