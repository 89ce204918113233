#include "tests/values/refusal.hpp"

#include <cairn/codec.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace cairn::decode_test {

struct Item {
  std::string sku;
  int count = 0;
  bool operator==(const Item&) const = default;
  auto operator<=>(const Item&) const = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Item, sku, count)

struct Order {
  std::string id;
  std::string card;
  int cents = 0;
  std::vector<Item> items;
  std::map<std::string, double> weights;
  std::pair<int, std::string> label;
  bool gift = false;
  json extra;
  bool operator==(const Order&) const = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Order, id, card, cents, items, weights, label, gift, extra)

struct Lenient {
  std::string name = "nobody";
  int cents = 5;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Lenient, name, cents)

struct Tree {
  std::string name;
  std::vector<Tree> children;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Tree, name, children)

struct Two {
  json first;
  json second;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Two, first, second)

struct ReadOnly {
  int number = 0;
};
inline void from_json(const json& in, ReadOnly& out) {
  out.number = in.at("number").get<int>();
}

struct Even {
  int number = 0;
};
inline void from_json(const json& in, Even& out) {
  out.number = in.get<int>();
  if (out.number % 2 != 0) throw std::domain_error("it's odd");
}

struct Picky {};
inline void from_json(const json& /*in*/, Picky& /*out*/) {
  throw Error{Errc::too_large, "wide: at most 5"};
}

struct Exhausted {};
inline void from_json(const json& /*in*/, Exhausted& /*out*/) {
  throw std::bad_alloc{};
}

struct Indexed {
  int third = 0;
};
inline void from_json(const json& in, Indexed& out) {
  in.at(2).get_to(out.third);
}

struct NoDefault {
  explicit NoDefault(int value) : number(value) {}
  int number;
};

enum class Colour { red, green };
NLOHMANN_JSON_SERIALIZE_ENUM(Colour, {{Colour::red, "red"}, {Colour::green, "green"}})

}  // namespace cairn::decode_test

template <>
struct nlohmann::adl_serializer<cairn::decode_test::NoDefault> {
  static cairn::decode_test::NoDefault from_json(const json& in) {
    return cairn::decode_test::NoDefault{in.get<int>()};
  }
  static void to_json(json& out, const cairn::decode_test::NoDefault& value) { out = value.number; }
};

namespace cairn {
namespace {

using namespace decode_test;
using tests::is_presentable;
using tests::refusal;

template <class T>
std::string refusal_of(std::string_view text) {
  return refusal([&] { return decode<T>(text, "params"); });
}

const json good_order = json::parse(R"({
  "id": "o-1", "card": "visa", "cents": 4200, "gift": true, "extra": {"any": [1.5, null, 18446744073709551615]},
  "items": [{"sku": "a", "count": 1}, {"sku": "b", "count": 2}],
  "weights": {"x": 1, "y": 0.25}, "label": [7, "seven"]
})");

// The refusal of the good order with one place altered.
std::string refusal_with(const std::string& pointer, const json& value) {
  json order = good_order;
  order[json::json_pointer{pointer}] = value;
  return refusal([&] { return from_json_checked<Order>(order, "params"); });
}

std::string refusal_without(const std::string& parent, const std::string& key) {
  json order = good_order;
  order[json::json_pointer{parent}].erase(key);
  return refusal([&] { return from_json_checked<Order>(order, "params"); });
}

TEST(Decode, GivesBackWhatWasEncoded) {
  const Order order = decode<Order>(good_order.dump());
  EXPECT_EQ(order.items.at(1), (Item{"b", 2}));
  EXPECT_EQ(decode<Order>(encode(order)), order);
  EXPECT_EQ(decode<int>("-5"), -5);
  EXPECT_EQ(decode<bool>("true"), true);
  EXPECT_EQ(decode<double>("0.1"), 0.1);
  EXPECT_EQ(decode<float>("0.1"), 0.1F);
  EXPECT_EQ(decode<std::string>("\"x\""), "x");
  EXPECT_EQ(decode<std::nullptr_t>("null"), nullptr);
  EXPECT_EQ(decode<std::vector<bool>>("[true,false]"), (std::vector<bool>{true, false}));
  EXPECT_EQ((decode<std::array<int, 2>>("[1,2]")), (std::array{1, 2}));
  EXPECT_EQ((decode<std::tuple<int, std::string, bool>>("[1,\"x\",true]")),
            (std::tuple{1, std::string{"x"}, true}));
  EXPECT_EQ((decode<std::map<int, std::string>>("[[1,\"x\"]]")), (std::map<int, std::string>{{1, "x"}}));
  EXPECT_EQ(decode<Colour>("\"green\""), Colour::green);
  EXPECT_EQ(decode<NoDefault>("5").number, 5);
  EXPECT_EQ(decode<ReadOnly>(R"({"number":5})").number, 5);
  EXPECT_EQ(decode<Lenient>("{}").cents, 5);
}

TEST(Decode, KeepsJsonAsItCame) {
  for (const std::string text :
       {"null", "\"5 minutes\"", "[1,1.0,-0.0,18446744073709551615,\"\"]", "{\"a\":{\"b\":[]}}"}) {
    EXPECT_EQ(encode(decode<json>(text)), text);
    EXPECT_EQ(from_json_checked<json>(json::parse(text)), json::parse(text));
  }
}

TEST(Decode, RefusesTextThatIsNotJson) {
  EXPECT_EQ(refusal_of<Order>("{"),
            "params: not well-formed JSON at byte 1: unexpected end of input; expected string literal");
  EXPECT_EQ(
      refusal_of<json>("[1,"),
      "params: not well-formed JSON at byte 3: unexpected end of input; expected '[', '{', or a literal");
}

TEST(Decode, NamesTheMemberOfTheWrongKind) {
  EXPECT_EQ(refusal_with("/cents", "12"), "params.cents: must be a number, is a string");
  EXPECT_EQ(refusal_with("/cents", nullptr), "params.cents: must be a number, is null");
  EXPECT_EQ(refusal_with("/cents", json::array()), "params.cents: must be a number, is an array");
  EXPECT_EQ(refusal_with("/id", 5), "params.id: must be a string, is a number");
  EXPECT_EQ(refusal_with("/card", 5), "params.card: must be a string, is a number");
  EXPECT_EQ(refusal_with("/gift", "yes"), "params.gift: must be a boolean, is a string");
  EXPECT_EQ(refusal_with("/gift", 1), "params.gift: must be a boolean, is a number");
  EXPECT_EQ(refusal_with("/items", "none"), "params.items: must be an array, is a string");
  EXPECT_EQ(refusal_with("/items", json::object()), "params.items: must be an array, is an object");
  EXPECT_EQ(refusal_with("/items/1", 5), "params.items[1]: must be an object, is a number");
  EXPECT_EQ(refusal_with("/items/0", json::array()), "params.items[0]: must be an object, is an array");
  EXPECT_EQ(refusal_with("/items/1/count", "2"), "params.items[1].count: must be a number, is a string");
  EXPECT_EQ(refusal_with("/items/0/sku", 2), "params.items[0].sku: must be a string, is a number");
  EXPECT_EQ(refusal_with("/weights", 5), "params.weights: must be an object, is a number");
  EXPECT_EQ(refusal_with("/weights/y", "heavy"), "params.weights.y: must be a number, is a string");
  EXPECT_EQ(refusal_with("/label", "seven"), "params.label: must be an array, is a string");
  EXPECT_EQ(refusal_with("/label/0", "seven"), "params.label[0]: must be a number, is a string");
  EXPECT_EQ(refusal_with("/label/1", 7), "params.label[1]: must be a string, is a number");
  EXPECT_EQ(refusal_of<Order>("5"), "params: must be an object, is a number");
  EXPECT_EQ(refusal_of<Order>("[]"), "params: must be an object, is an array");
  EXPECT_EQ(refusal_of<Order>("null"), "params: must be an object, is null");
  EXPECT_EQ(refusal_of<int>("\"5\""), "params: must be a number, is a string");
  EXPECT_EQ(refusal_of<std::string>("5"), "params: must be a string, is a number");
  EXPECT_EQ(refusal_of<std::vector<int>>("{}"), "params: must be an array, is an object");
  EXPECT_EQ((refusal_of<std::map<int, int>>("[[1,2],3]")), "params[1]: must be an array, is a number");
  EXPECT_EQ(refusal_of<Lenient>("5"), "params: must be an object, is a number");
  EXPECT_EQ(refusal_of<Lenient>(R"({"cents":"x"})"), "params.cents: must be a number, is a string");
  EXPECT_EQ(refusal_of<Indexed>("{}"), "params: must be an array, is an object");
}

TEST(Decode, TellsTheFaultyMemberFromOthersOfTheSameKind) {
  json order = good_order;
  order["id"] = 1;
  order["card"] = 2;
  EXPECT_EQ(refusal([&] { return from_json_checked<Order>(order, "params"); }),
            "params.id: must be a string, is a number");
  order["id"] = "1";
  EXPECT_EQ(refusal([&] { return from_json_checked<Order>(order, "params"); }),
            "params.card: must be a string, is a number");
}

TEST(Decode, NamesTheObjectThatLacksAMember) {
  EXPECT_EQ(refusal_without("", "card"), "params: lacks 'card'");
  EXPECT_EQ(refusal_without("", "extra"), "params: lacks 'extra'");
  EXPECT_EQ(refusal_without("/items/0", "sku"), "params.items[0]: lacks 'sku'");
  EXPECT_EQ(refusal_without("/items/1", "count"), "params.items[1]: lacks 'count'");
  EXPECT_EQ(refusal_of<Order>("{}"), "params: lacks 'id'");
  EXPECT_EQ(refusal_of<std::vector<Two>>(R"([{"first":1,"second":1},{"first":2},{"first":3}])"),
            "params[1]: lacks 'second'");
  EXPECT_EQ(refusal_of<Tree>(R"({"name":"a","children":[{"name":"b","children":[]},{"children":[]}]})"),
            "params.children[1]: lacks 'name'");
  EXPECT_EQ(refusal_of<Tree>(R"({"name":"a","children":[{"name":"b","children":[{"name":"c"}]}]})"),
            "params.children[0].children[0]: lacks 'children'");
}

TEST(Decode, NamesTheArrayThatIsTooShort) {
  EXPECT_EQ(refusal_with("/label", json::array({7})), "params.label: must be an array of at least 2, has 1");
  EXPECT_EQ(refusal_with("/label", json::array()).substr(0, 35), "params.label: must be an array of a");
  EXPECT_EQ((refusal_of<std::vector<std::array<int, 3>>>("[[1,2,3],[4,5]]")),
            "params[1]: must be an array of at least 3, has 2");
  EXPECT_EQ(refusal_of<Indexed>("[1]"), "params: must be an array of at least 3, has 1");
}

TEST(Decode, FindsTheCulpritInLargeDocuments) {
  json order = good_order;
  for (int i = 0; i < 2'000; ++i) order["items"].push_back({{"sku", "s"}, {"count", i}});
  for (int i = 0; i < 500; ++i) order["weights"]["k" + std::to_string(i)] = i;
  for (int i = 0; i < 500; ++i) order["unknown " + std::to_string(i)] = i;
  for (const int index : {0, 1, 2, 777, 1000, 2000, 2001}) {
    json faulty = order;
    faulty["items"][static_cast<std::size_t>(index)]["sku"] = 5;
    EXPECT_EQ(refusal([&] { return from_json_checked<Order>(faulty, "params"); }),
              "params.items[" + std::to_string(index) + "].sku: must be a string, is a number");
    faulty = order;
    faulty["items"][static_cast<std::size_t>(index)].erase("count");
    EXPECT_EQ(refusal([&] { return from_json_checked<Order>(faulty, "params"); }),
              "params.items[" + std::to_string(index) + "]: lacks 'count'");
  }
  order["weights"]["k321"] = "heavy";
  EXPECT_EQ(refusal([&] { return from_json_checked<Order>(order, "params"); }),
            "params.weights.k321: must be a number, is a string");
}

TEST(Decode, IsVagueRatherThanSlowAboutHugeDocuments) {
  json wide = json::object();
  for (int i = 0; i < 3'000; ++i) wide["k" + std::to_string(i)] = json{{"sku", "s"}, {"count", i}};
  wide["zz"] = json{{"sku", 5}, {"count", 1}};
  EXPECT_EQ(refusal([&] { return from_json_checked<std::map<std::string, Item>>(wide, "params"); }),
            "params: holds a number where a string is needed");
}

TEST(Decode, SaysWhatTheTypeItselfObjectsTo) {
  EXPECT_EQ(refusal_of<Even>("3"), "params: it's odd");
  EXPECT_EQ(refusal_of<Even>("\"3\""), "params: must be a number, is a string");
  EXPECT_THROW(static_cast<void>(decode<Exhausted>("1")), std::bad_alloc);
  try {
    static_cast<void>(decode<Picky>("1", "params"));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::too_large);
    EXPECT_STREQ(error.what(), "params: wide: at most 5");
  }
}

TEST(Decode, EscapesForeignNames) {
  json order = good_order;
  order["weights"]["a/b~c\n\xc3\xa9"] = "heavy";
  EXPECT_EQ(refusal([&] { return from_json_checked<Order>(order, "params"); }),
            "params.weights['a/b~c\\x0a\\xc3\\xa9']: must be a number, is a string");
}

TEST(Decode, RefusesFractionsForIntegers) {
  EXPECT_EQ(refusal_of<int>("3.9"), "params: must be a whole number, is 3.9");
  EXPECT_EQ(refusal_with("/cents", 0.5), "params.cents: must be a whole number, is 0.5");
  EXPECT_EQ(refusal_with("/items/1/count", -1.25), "params.items[1].count: must be a whole number, is -1.25");
  EXPECT_EQ(decode<int>("3.0"), 3);
  EXPECT_EQ(decode<int>("1e3"), 1000);
}

TEST(Decode, RefusesIntegersThatDoNotFitTheType) {
  const std::string rule = "must be a number that its type can hold, is ";
  EXPECT_EQ(refusal_of<int>("1099511627776"), "params: " + rule + "1099511627776");
  EXPECT_EQ(refusal_of<int>("2147483648"), "params: " + rule + "2147483648");
  EXPECT_EQ(refusal_of<unsigned>("-1"), "params: " + rule + "-1");
  EXPECT_EQ(refusal_of<std::uint64_t>("-1"), "params: " + rule + "-1");
  EXPECT_EQ(refusal_of<std::int64_t>("18446744073709551615"), "params: " + rule + "18446744073709551615");
  EXPECT_EQ(refusal_of<std::uint8_t>("256"), "params: " + rule + "256");
  EXPECT_EQ(refusal_of<int>("1e15"), "params: " + rule + "1e+15");
  EXPECT_EQ(refusal_with("/items/0/count", 4294967297), "params.items[0].count: " + rule + "4294967297");
  EXPECT_EQ(decode<std::int64_t>("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(decode<std::uint64_t>("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(decode<std::uint8_t>("255"), 255);
}

TEST(Decode, RefusesBooleansForNumbers) {
  EXPECT_EQ(refusal_of<int>("true"), "params: must be a number, is a boolean");
  EXPECT_EQ(refusal_with("/cents", false), "params.cents: must be a number, is a boolean");
}

TEST(Decode, AllowsFloatsToRound) {
  EXPECT_EQ(decode<float>("0.1"), 0.1F);
  EXPECT_EQ(decode<float>("16777217"), 16777216.0F);
  EXPECT_EQ(decode<double>("9007199254740993"), 9007199254740992.0);
}

TEST(Decode, TakesSetsInAnyOrderAndWithRepetitions) {
  EXPECT_EQ(decode<std::set<int>>("[3,1,2,3,1]"), (std::set<int>{1, 2, 3}));
  EXPECT_EQ(decode<std::unordered_set<std::uint8_t>>("[255,7,0,7]").size(), 3U);
  EXPECT_EQ((decode<std::unordered_map<int, int>>("[[5,50],[1,10],[9,90]]").size()), 3U);
  EXPECT_EQ(
      decode<std::set<Item>>(R"([{"sku":"b","count":2},{"sku":"a","count":1,"unknown":9}])").begin()->count,
      1);
  EXPECT_EQ((decode<std::map<std::string, std::set<int>>>(R"({"a":[2,1],"b":[4,3]})").at("b").size()), 2U);
}

TEST(Decode, StillFindsLossesInContainers) {
  const std::string rule = "must be a number that its type can hold, is ";
  EXPECT_EQ(refusal_of<std::vector<std::uint8_t>>("[3,300,44]"), "params[1]: " + rule + "300");
  EXPECT_EQ(refusal_of<std::vector<std::uint8_t>>("[44,300]"), "params[1]: " + rule + "300");
  EXPECT_EQ(refusal_of<std::vector<std::uint8_t>>("[256,0]"), "params[0]: " + rule + "256");
  EXPECT_EQ(refusal_of<std::set<std::uint8_t>>("[3,1,256]"), "params[2]: " + rule + "256");
  EXPECT_EQ(refusal_of<std::set<std::uint8_t>>("[256,0]"), "params[0]: " + rule + "256");
  EXPECT_EQ(refusal_of<std::set<int>>("[3,1,2.5]"), "params[2]: must be a whole number, is 2.5");
  EXPECT_EQ((refusal_of<std::map<std::string, std::uint8_t>>(R"({"a":1,"b":-1})")),
            "params.b: " + rule + "-1");
  EXPECT_EQ((refusal_of<std::array<std::uint8_t, 2>>("[1,256]")), "params[1]: " + rule + "256");
  EXPECT_EQ(refusal_of<std::set<Item>>(R"([{"sku":"b","count":2},{"sku":"a","count":4294967297}])"),
            "params[1].count: " + rule + "4294967297");
}

TEST(Decode, DoesNotCheckForLossesWithoutToJson) {
  EXPECT_EQ(decode<ReadOnly>(R"({"number":3.9})").number, 3);
}

TEST(Decode, RefusesDepthBeforeItConverts) {
  const std::string text = R"({"name":"a","children":[{"name":"b","children":[]}]})";
  EXPECT_EQ(decode<Tree>(text, "params", 4).children.at(0).name, "b");
  EXPECT_EQ(refusal([&] { return decode<Tree>(text, "params", 3); }),
            "params: must not be nested deeper than 3 levels");
  EXPECT_EQ(refusal([&] { return from_json_checked<Tree>(json::parse(text), "params", 3); }),
            "params: must not be nested deeper than 3 levels");
  EXPECT_EQ(refusal([&] { return from_json_checked<json>(json::parse(text), "params", 3); }),
            "params: must not be nested deeper than 3 levels");
}

}  // namespace
}  // namespace cairn
