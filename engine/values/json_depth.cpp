#include "engine/values/json_depth.hpp"

#include "engine/values/json_path.hpp"

#include <string>

namespace cairn::values {
namespace {

// The position of the quote that ends the string which begins at `begin`.
std::size_t end_of_string(std::string_view text, std::size_t begin) noexcept {
  std::size_t at = begin + 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return at;
}

}  // namespace

bool is_nested_deeper(std::string_view text, std::size_t depth_max) noexcept {
  if (text.size() < 2 * (depth_max + 1)) return false;  // each level has two brackets
  std::size_t depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    switch (text[at]) {
      case '"':
        at = end_of_string(text, at);
        break;
      case '[':
      case '{':
        if (++depth > depth_max) return true;
        break;
      case ']':
      case '}':
        --depth;
        break;
      default:
        break;
    }
  }
  return false;
}

void check_text_depth(std::string_view text, std::string_view field, std::size_t depth_max) {
  if (is_nested_deeper(text, depth_max))
    throw invalid(field, {}, "must not be nested deeper than " + std::to_string(depth_max) + " levels");
}

}  // namespace cairn::values
