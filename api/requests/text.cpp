#include "api/requests/text.hpp"

#include <cairn/id.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

namespace cairn::api {
namespace {

void append_escape(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 0x0f];
  }
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  const bool readable = is_utf8(text);
  out += '"';
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' || c == 0x7f) {
      append_escape(out, c);
    } else {
      out += !readable && static_cast<unsigned char>(c) >= 0x80 ? '?' : c;
    }
  }
  out += '"';
}

void append_number(std::string& out, std::int64_t number) {
  std::array<char, 24> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void append_bool(std::string& out, std::optional<bool> value) {
  out += !value ? "null" : *value ? "true" : "false";
}

void append_time(std::string& out, std::optional<Time> time) {
  if (!time) {
    out += "null";
    return;
  }
  out += '"';
  out += to_iso8601(*time);
  out += '"';
}

void append_json(std::string& out, const std::optional<JsonText>& value) {
  out += value ? std::string_view{value->text()} : "null";
}

std::string excerpt(std::string_view text) {
  constexpr std::size_t shown_max = 40;
  std::string result = "'";
  for (const char c : text.substr(0, shown_max)) result += c >= 0x20 && c <= 0x7e ? c : '?';
  result += text.size() > shown_max ? "…'" : "'";
  return result;
}

std::string member_of(std::string_view parent, std::string_view name) {
  constexpr std::size_t plain_max = 40;
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  std::string path{parent};
  const bool begins_as_number = !name.empty() && name.front() >= '0' && name.front() <= '9';
  if (name.empty() || name.size() > plain_max || begins_as_number || !std::ranges::all_of(name, is_plain))
    return path + "[" + excerpt(name) + "]";
  if (!path.empty()) path += '.';
  return path += name;
}

}  // namespace cairn::api
