#include "api/requests/json_measure.hpp"

#include <cairn/codec.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <malloc.h>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::api {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::size_t count_values(const json& value) {
  std::size_t count = 1;
  for (const json& part : value.is_structured() ? value : json::array()) count += count_values(part);
  return count;
}

// Any value, with blanks and escapes where they may stand.
class RandomJson {
 public:
  explicit RandomJson(unsigned seed) : random_(seed) {}

  std::string value(int depth) {
    switch (pick(depth > 0 ? 8 : 5)) {
      case 0:
        return "null";
      case 1:
        return std::to_string(pick(100'000));
      case 2:
        return "-1.5e3";
      case 3:
        return "true";
      case 4:
        return string();
      case 5:
        return object(depth);
      default:
        return array(depth);
    }
  }
  std::string array(int depth) {
    std::string text = blank() + "[" + blank();
    for (std::size_t i = 0, count = pick(4); i < count; ++i)
      text += (i > 0 ? "," : "") + blank() + value(depth - 1) + blank();
    return text + "]" + blank();
  }

 private:
  std::string object(int depth) {
    std::string text = "{" + blank();
    for (std::size_t i = 0, count = pick(4); i < count; ++i) {
      text += (i > 0 ? "," : "") + blank() + "\"" + std::to_string(i) + R"(,:{[\"\\)" + "\"" + blank() + ":" +
              blank() + value(depth - 1) + blank();
    }
    return text + "}";
  }
  std::string string() { return R"("]},:\"[{\\)" + std::string(pick(40), 'x') + "\""; }
  std::string blank() {
    static const std::vector<std::string> blanks{"", "", " ", "\n\t", "\r\n"};
    return blanks[pick(blanks.size())];
  }
  std::size_t pick(std::size_t count) { return random_() % count; }

  std::mt19937 random_;
};

TEST(JsonMeasure, CountsTheValuesThatAParserMakes) {
  RandomJson random{1};
  for (int round = 0; round < 2'000; ++round) {
    const std::string text = random.value(5);
    ASSERT_EQ(measure_json(text).values, count_values(json::parse(text))) << text;
  }
}

TEST(JsonMeasure, FindsTheElementsOfAnArray) {
  RandomJson random{2};
  for (int round = 0; round < 2'000; ++round) {
    const std::string text = random.array(4);
    const json tree = json::parse(text);
    const JsonMeasure found = measure_json(text, 100);
    ASSERT_TRUE(found.is_array) << text;
    ASSERT_EQ(found.element_count, tree.size()) << text;
    ASSERT_EQ(found.elements.size(), tree.size()) << text;
    for (std::size_t i = 0; i < tree.size(); ++i) ASSERT_EQ(json::parse(found.elements[i]), tree[i]) << text;
  }
}

TEST(JsonMeasure, GivesNoMoreElementsThanWereAskedForAndCountsThemAll) {
  const JsonMeasure found = measure_json("[1,[2,2],{\"3\":3},4]", 2);
  EXPECT_THAT(found.elements, ElementsAre("1", "[2,2]"));
  EXPECT_EQ(found.element_count, 4U);
}

TEST(JsonMeasure, KnowsWhatIsNotOneArrayAndNothingElse) {
  for (const char* text :
       {"",    " ",      "{}",   "1",  "\"[]\"", "[",   "[1,", "[1", "[]]", "[]x",           "[] 1",
        "[],", "[]\"\"", "[][]", "[}", "[1}",    "x[]", "[[]", "]",  "[\"", "\xef\xbb\xbf[]"}) {
    EXPECT_FALSE(measure_json(text).is_array) << text;
  }
  for (const char* text : {"[]", " [ ] \n", "[1]", "[[],{}]", "[\"]\"]"})
    EXPECT_TRUE(measure_json(text).is_array) << text;
  EXPECT_EQ(measure_json(" [ ] ").element_count, 0U);
}

// Such an array is cut where its commas stand, and what is wrong with an element its parser says.
TEST(JsonMeasure, LeavesFaultsInsideElementsToTheirParser) {
  EXPECT_THAT(measure_json("[1,,2]", 9).elements, ElementsAre("1", "", "2"));
  EXPECT_THAT(measure_json("[,]", 9).elements, ElementsAre("", ""));
  EXPECT_THAT(measure_json("[1,]", 9).elements, ElementsAre("1", ""));
  EXPECT_THAT(measure_json("[{]]", 9).elements, ElementsAre("{]"));
  EXPECT_THAT(measure_json("[1 2]", 9).elements, ElementsAre("1 2"));
  EXPECT_THAT(measure_json("[]", 9).elements, IsEmpty());
}

// What a tree of it takes, by malloc's own count.
std::size_t tree_bytes(const std::string& text) {
  const auto used = [] {
    const struct mallinfo2 info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  const std::size_t before = used();
  const json tree = parse_json(text);
  return used() - before;
}

std::string repeated(std::string_view begin, std::string_view element, std::string_view end) {
  std::string text{begin};
  for (int i = 0; i < 20'000; ++i) {
    if (i > 0) text += ',';
    text += element;
  }
  return text + std::string{end};
}

std::string members(std::string_view key, std::string_view value) {
  std::string text = "{";
  for (int i = 0; i < 20'000; ++i) {
    if (i > 0) text += ',';
    text += "\"" + std::string{key} + std::to_string(i) + "\":" + std::string{value};
  }
  return text + "}";
}

TEST(JsonMeasure, IsNoLessThanATreeTakes) {
  const std::string word = "\"" + std::string(16, 'x') + "\"";
  for (const std::string& text :
       {repeated("[", "{}", "]"), repeated("[", "[]", "]"), repeated("[", "1", "]"),
        repeated("[", "\"\"", "]"), repeated("[", word, "]"), repeated("[", "[1]", "]"),
        repeated("[", "{\"a\":{}}", "]"), repeated("[", "[[[[[]]]]]", "]"), members("", "{}"),
        members("", "1"), members("a key of some length ", "[]"), members("a key of some length ", word),
        repeated("[", R"({"customer":"anna","cents":4200,"lines":[{"sku":"a-1","count":2}]})", "]")}) {
    const std::size_t measured = measure_json(text).tree_bytes;
    const std::size_t taken = tree_bytes(text);
    if (taken == 0) GTEST_SKIP() << "a sanitizer's malloc does not count";
    EXPECT_GE(measured, taken) << text.substr(0, 60);
    EXPECT_LE(measured, 4 * taken) << text.substr(0, 60);
  }
}

TEST(JsonMeasure, KnowsTheLargestElement) {
  const std::string large = repeated("[", "{}", "]");
  const JsonMeasure found = measure_json("[1," + large + ",{\"a\":1}]");
  const JsonMeasure alone = measure_json(large);
  EXPECT_EQ(found.largest_element_bytes, alone.tree_bytes);
  EXPECT_LT(measure_json("[1,2,3,4,5,6,7,8]").largest_element_bytes, measure_json("[1,2]").tree_bytes);
}

}  // namespace
}  // namespace cairn::api
