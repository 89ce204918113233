#include "engine/cursor.hpp"

#include <charconv>

namespace cairn::engine {

namespace {

constexpr std::string_view prefix = "k";

}  // namespace

std::string write_cursor(Key key) {
  return std::string{prefix} + std::to_string(key);
}

Key read_cursor(std::string_view cursor) {
  Key key = 0;
  if (cursor.starts_with(prefix)) {
    const char* const end = cursor.data() + cursor.size();
    const auto [stop, error] = std::from_chars(cursor.data() + prefix.size(), end, key);
    if (error == std::errc{} && stop == end && key > 0) return key;
  }
  throw Error{Errc::invalid_argument, "cursor: must be one that a page before gave"};
}

}  // namespace cairn::engine
