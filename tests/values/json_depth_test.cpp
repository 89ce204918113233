// A document may be nested as deep as its length allows. None of the ways into the library may follow it by
// recursion; here they run on a thread with a stack of 256 KiB, as a host may have them.
#include "tests/values/refusal.hpp"

#include <cairn/codec.hpp>

#include <gtest/gtest.h>

#include <pthread.h>

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace cairn::depth_test {

struct Envelope {
  json payload;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Envelope, payload)

}  // namespace cairn::depth_test

namespace cairn {
namespace {

using depth_test::Envelope;
using tests::refusal;

constexpr std::size_t deep = 100'000;

void on_small_stack(std::function<void()> work) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, 256 * 1024), 0);
  pthread_t thread{};
  const auto run = [](void* argument) -> void* {
    (*static_cast<std::function<void()>*>(argument))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, run, &work), 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  ASSERT_EQ(pthread_attr_destroy(&attributes), 0);
}

json nested_arrays(std::size_t depth) {
  json value = json::array();
  for (std::size_t i = 1; i < depth; ++i) {
    json outer = json::array();
    outer.push_back(std::move(value));
    value = std::move(outer);
  }
  return value;
}

json nested_objects(std::size_t depth) {
  json value = json::object();
  for (std::size_t i = 1; i < depth; ++i) {
    json outer = json::object();
    outer["k"] = std::move(value);
    value = std::move(outer);
  }
  return value;
}

const std::string too_deep = "params: must not be nested deeper than 128 levels";

TEST(JsonDepth, ParsingStopsAtTheLimit) {
  on_small_stack([] {
    EXPECT_EQ(refusal([] { return parse_json(std::string(deep, '['), "params"); }), too_deep);
    EXPECT_EQ(refusal([] { return parse_json(std::string(deep, '[') + std::string(deep, ']'), "params"); }),
              too_deep);
    std::string objects;
    for (std::size_t i = 0; i < deep; ++i) objects += "{\"k\":";
    EXPECT_EQ(refusal([&] { return parse_json(objects, "params"); }), too_deep);
    EXPECT_EQ(refusal([&] { return decode<Envelope>(objects, "params"); }), too_deep);
    EXPECT_EQ(refusal([&] { return decode<std::vector<int>>(std::string(deep, '['), "params"); }), too_deep);
  });
}

TEST(JsonDepth, WritingStopsAtTheLimit) {
  on_small_stack([] {
    const json arrays = nested_arrays(deep);
    const json objects = nested_objects(deep);
    EXPECT_EQ(refusal([&] { return encode(arrays, "params"); }), too_deep);
    EXPECT_EQ(refusal([&] { return encode(objects, "params"); }), too_deep);
  });
}

TEST(JsonDepth, CopyingIsRefusedBeyondTheLimit) {
  on_small_stack([] {
    const json arrays = nested_arrays(deep);
    const json objects = nested_objects(deep);
    for (const json* value : {&arrays, &objects}) {
      EXPECT_EQ(refusal([&] {
                  check_depth(*value, "params");
                  return 0;
                }),
                too_deep);
      EXPECT_EQ(refusal([&] { return from_json_checked<json>(*value, "params"); }), too_deep);
      EXPECT_EQ(refusal([&] { return from_json_checked<Envelope>(*value, "params"); }), too_deep);
      EXPECT_EQ(refusal([&] { return from_json_checked<std::string>(*value, "params"); }), too_deep);
    }
  });
}

TEST(JsonDepth, EverythingWorksAtTheLimit) {
  on_small_stack([] {
    for (const json& value : {nested_arrays(json_depth_limit), nested_objects(json_depth_limit)}) {
      EXPECT_NO_THROW(check_depth(value, "params"));
      const std::string text = encode(value, "params");
      EXPECT_EQ(decode<json>(text, "params"), value);
      EXPECT_EQ(from_json_checked<json>(value, "params"), value);
    }
    const std::string text = encode(Envelope{nested_objects(json_depth_limit - 1)});
    EXPECT_EQ(encode(decode<Envelope>(text)), text);
    EXPECT_EQ(refusal([&] { return decode<std::vector<std::string>>(text, "params"); }),
              "params: must be an array, is an object");
  });
}

TEST(JsonDepth, IsCountedByTheDeepestBranch) {
  const json value = json::parse("[1,[2,[3]],{\"a\":{\"b\":[]}},[]]");
  EXPECT_NO_THROW(check_depth(value, "params", 4));
  EXPECT_EQ(refusal([&] {
              check_depth(value, "params", 3);
              return 0;
            }),
            "params: must not be nested deeper than 3 levels");
  EXPECT_NO_THROW(check_depth(5, "params", 0));
}

}  // namespace
}  // namespace cairn
