#include "values/json_string.hpp"

#include "values/utf8.hpp"

#include <algorithm>
#include <utility>

namespace cairn::values {

namespace {

// What does not stand for itself. An object, so that it is put into the loop that asks it.
constexpr auto is_special = [](char character) {
  return character == '"' || character == '\\' || static_cast<unsigned char>(character) < 0x20;
};

// What a backslash and that character stand for; NUL: more than one character decides.
char meaning_of(char escaped) {
  constexpr std::string_view escapes = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  const std::size_t at = escapes.find(escaped);
  return at == std::string_view::npos ? '\0' : meanings[at];
}

}  // namespace

std::optional<std::string> read_json_string(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  std::string_view rest = text.substr(1, text.size() - 2);
  if (find_invalid_utf8(rest) != std::string_view::npos) return std::nullopt;
  std::string string;
  string.reserve(rest.size());
  while (true) {
    const auto special = std::find_if(rest.begin(), rest.end(), is_special);
    string.append(rest.begin(), special);
    if (special == rest.end()) return string;
    const bool is_escape = *special == '\\' && special + 1 != rest.end();
    const char meaning = is_escape ? meaning_of(special[1]) : '\0';
    if (meaning == '\0') return std::nullopt;
    string += meaning;
    rest.remove_prefix(static_cast<std::size_t>(special - rest.begin()) + 2);
  }
}

}  // namespace cairn::values
