#include "api/requests/target.hpp"

#include "api/requests/message.hpp"

#include <cairn/error.hpp>
#include <cairn/id.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace cairn::api {
namespace {

[[noreturn]] void refuse(std::string_view rule) {
  throw Error{Errc::invalid_argument, "request target: " + std::string{rule}};
}

constexpr int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool is_printable_ascii(char c) noexcept {
  return c >= 0x20 && c <= 0x7e;
}

// RFC 3986 `pchar`, without the escapes.
constexpr bool may_stand_in_path(char c) noexcept {
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
  return std::string_view{"-._~!$&'()*+,;=:@"}.find(c) != std::string_view::npos;
}

// What stands between the signs of a path and of a query.
enum class Part { segment, parameter_name, parameter_value };

std::string decode(std::string_view text, Part part) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    const bool escaped = c == '%';
    if (escaped) {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) refuse("% must be followed by two hexadecimal digits");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && part != Part::segment) {
      c = ' ';
    }
    // Names of steps, which stand in values, may have any letters.
    const bool may_be_utf8 = escaped && part == Part::parameter_value &&
                             static_cast<unsigned char>(c) >= 0x80;
    if (!may_be_utf8 && !is_printable_ascii(c))
      refuse("must be printable ASCII, also where it is percent-encoded");
    decoded += c;
  }
  if (!is_utf8(decoded)) refuse("must be UTF-8 where it is percent-encoded");
  return decoded;
}

// The text up to the separator, which is removed from the front of `rest` with it.
std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return part;
}

std::string decode_segment(std::string_view raw) {
  if (raw.empty()) refuse("must not have an empty segment (//)");
  for (const char c : raw) {
    if (c != '%' && !may_stand_in_path(c)) refuse("has a character in its path that must be percent-encoded");
  }
  std::string segment = decode(raw, Part::segment);
  if (segment == "." || segment == "..") refuse("must not have the segments . or ..");
  return segment;
}

}  // namespace

SplitTarget split_target(std::string_view target) {
  constexpr std::string_view scheme = "http://";
  if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme)) return {.path = std::string{target}};
  target.remove_prefix(scheme.size());
  const std::size_t end = std::min(target.find_first_of("/?#"), target.size());
  SplitTarget split{.host = std::string{target.substr(0, end)}, .path = std::string{target.substr(end)}};
  if (!split.path.starts_with('/')) split.path.insert(0, 1, '/');
  return split;
}

Target parse_target(std::string_view target) {
  if (!target.starts_with('/')) refuse("must be a path that begins with /, or http:// and a host before it");
  if (target.find('#') != std::string_view::npos) refuse("must not have a fragment (#)");
  Target result;
  std::string_view query = target;
  std::string_view path = take_until(query, '?').substr(1);
  if (path.ends_with('/')) {
    result.trailing_slash = true;
    path.remove_suffix(1);
    if (path.empty()) refuse("must not have an empty segment (//)");
  }
  for (bool more = !path.empty(); more;) {
    more = path.find('/') != std::string_view::npos;
    result.segments.push_back(decode_segment(take_until(path, '/')));
  }
  while (!query.empty()) {
    std::string_view value = take_until(query, '&');
    if (value.empty()) continue;
    const std::string_view name = take_until(value, '=');
    result.query.push_back({decode(name, Part::parameter_name), decode(value, Part::parameter_value)});
  }
  return result;
}

}  // namespace cairn::api
