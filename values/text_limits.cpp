#include "values/text_limits.hpp"

#include "values/json_path.hpp"

#include <cairn/detail/counted.hpp>

#include <string>

namespace cairn::values {
namespace {

// The position of the quote that ends the string which begins at `begin`.
std::size_t end_of_string(std::string_view text, std::size_t begin) noexcept {
  std::size_t at = begin + 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return at;
}

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

}  // namespace

bool fits(std::string_view text, const TextLimits& limits) noexcept {
  return text.size() <= limits.bytes && !is_nested_deeper(text, limits.depth);
}

void check_text(std::string_view text, std::string_view field, const TextLimits& limits,
                std::string_view owner_kind, std::string_view owner_name) {
  if (fits(text, limits)) return;
  const bool too_long = text.size() > limits.bytes;
  const std::string rule = too_long ? "must be at most " + detail::counted(limits.bytes, "byte") +
                                          " of JSON; got " + std::to_string(text.size())
                                    : deeper_than(limits.depth);
  throw Error{too_long ? Errc::too_large : Errc::invalid_argument,
              locate(field, {}) + ": " + rule + owner(owner_kind, owner_name)};
}

}  // namespace cairn::values
