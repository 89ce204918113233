#include "tests/values/refusal.hpp"

#include <cairn/codec.hpp>

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>
#include <string>

// Failures of a conversion whose place cannot be found: the message says less, and nothing that is wrong.
namespace cairn::explain_test {

struct Item {
  std::string sku;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Item, sku)

// Holds a JSON text.
struct Inner {};
inline void from_json(const json& in, Inner& /*out*/) {
  [[maybe_unused]] const json read = json::parse(in.get<std::string>());
}

// Two numbers that must be alike; what it says is not of either.
struct Pair {};
inline void from_json(const json& in, Pair& /*out*/) {
  if (in.size() == 2 && in[0] != in[1]) static_cast<void>(json("unlike").get<int>());
}

// Judges other kinds in words of its own.
struct Judge {};
inline void from_json(const json& in, Judge& /*out*/) {
  if (!in.is_string()) throw std::runtime_error{"no string"};
  static_cast<void>(in.get<int>());
}

namespace {

using tests::refusal;

template <class T>
std::string refusal_of(const json& value) {
  return refusal([&] { return from_json_checked<T>(value, "params"); });
}

TEST(Explain, TellsWhatAJsonExceptionOfAnotherKindSays) {
  const std::string said = refusal_of<std::map<std::string, Inner>>({{"a", "1"}, {"b", "{"}});
  EXPECT_EQ(said.find("params: parse error at line 1, column 2"), 0U) << said;
}

TEST(Explain, NamesNoPlaceWhereNoValueAloneIsAtFault) {
  EXPECT_EQ(refusal_of<Pair>({1, 2}), "params: holds a string where a number is needed");
}

TEST(Explain, NamesNoPlaceWhereTheTypeJudgesByItself) {
  EXPECT_EQ(refusal_of<Judge>("5"), "params: holds a string where a number is needed");
}

TEST(Explain, NamesTheValueInAMapThatLacksAKeyAndNotTheMap) {
  const json items = {{"a", {{"sku", "s"}}}, {"sku?", {{"sku", "s"}}}, {"t", json::object()}};
  EXPECT_EQ((refusal_of<std::map<std::string, Item>>(items)), "params.t: lacks 'sku'");
}

TEST(Explain, TriesNothingWithMoreValuesThanItMayConvert) {
  json wide = json::object();
  wide["unknown"] = json::array_t(4'000'001);
  EXPECT_EQ(refusal_of<Item>(wide), "params: lacks 'sku' in an object");
}

}  // namespace
}  // namespace cairn::explain_test
