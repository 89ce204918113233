#include "values/excerpt.hpp"
#include "values/json_path.hpp"

#include <cairn/codec.hpp>
#include <cairn/detail/counted.hpp>

#include <algorithm>
#include <vector>

namespace cairn {
namespace values {
namespace {

// A path is there to be read: the middle of a very long one is left out.
constexpr std::size_t steps_shown_at_each_end = 6;

bool is_plain(std::string_view key) {
  constexpr std::size_t plain_max = 40;
  if (key.empty() || key.size() > plain_max || (key.front() >= '0' && key.front() <= '9')) return false;
  return std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::string segment(const JsonStep& step) {
  if (step.key == nullptr) return "[" + std::to_string(step.index) + "]";
  return is_plain(*step.key) ? "." + *step.key : "[" + values::quoted(*step.key) + "]";
}

}  // namespace

std::string locate(std::string_view field, const JsonPath& path) {
  std::string text{field};
  const bool all = path.size() <= 2 * steps_shown_at_each_end;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (!all && i == steps_shown_at_each_end) {
      text += "...";
      i = path.size() - steps_shown_at_each_end;
    }
    text += segment(path[i]);
  }
  return text;
}

Error invalid(std::string_view field, const JsonPath& path, std::string_view rule) {
  return {Errc::invalid_argument, locate(field, path) + ": " + std::string{rule}};
}

std::string deeper_than(std::size_t depth_max) {
  return "must not be nested deeper than " + detail::counted(depth_max, "level");
}

std::string owner(std::string_view kind, std::string_view name) {
  return " (" + std::string{kind} + " \"" + std::string{name} + "\")";
}

}  // namespace values

std::string_view kind_of(const json& value) noexcept {
  switch (value.type()) {
    case json::value_t::null:
      return "null";
    case json::value_t::object:
      return "an object";
    case json::value_t::array:
      return "an array";
    case json::value_t::string:
      return "a string";
    case json::value_t::boolean:
      return "a boolean";
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
    case json::value_t::number_float:
      return "a number";
    case json::value_t::binary:
      return "binary data";
    case json::value_t::discarded:
      break;
  }
  return "no value";
}

// By a stack of its own: the tree may be deeper than the thread's stack.
void check_depth(const json& value, std::string_view field, std::size_t depth_max) {
  if (!value.is_structured()) return;
  depth_max = std::min(depth_max, json_depth_limit);
  struct Level {
    json::const_iterator next;
    json::const_iterator end;
  };
  std::vector<Level> open;
  const json* entered = &value;
  for (;;) {
    if (entered != nullptr) {
      if (open.size() == depth_max) {
        throw values::invalid(field, {}, values::deeper_than(depth_max));
      }
      open.push_back({entered->cbegin(), entered->cend()});
      entered = nullptr;
    }
    Level& level = open.back();
    while (level.next != level.end && !level.next->is_structured()) ++level.next;
    if (level.next == level.end) {
      open.pop_back();
      if (open.empty()) return;
    } else {
      entered = &*level.next;
      ++level.next;
    }
  }
}

}  // namespace cairn
