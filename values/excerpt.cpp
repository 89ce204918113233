#include "values/excerpt.hpp"

namespace cairn::values {
namespace {

void append_escaped(std::string& text, std::string_view bytes, std::size_t bytes_max, char quote) {
  static constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : bytes.substr(0, bytes_max)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e) {
      text += "\\x";
      text += digits[byte >> 4];
      text += digits[byte & 0x0f];
    } else {
      if (c == '\\' || (c == quote && quote != '\0')) text += '\\';
      text += c;
    }
  }
  if (bytes.size() > bytes_max) text += "...";
}

}  // namespace

std::string escaped(std::string_view bytes, std::size_t bytes_max) {
  std::string text;
  append_escaped(text, bytes, bytes_max, '\0');
  return text;
}

std::string quoted(std::string_view bytes, std::size_t bytes_max) {
  std::string text = "'";
  append_escaped(text, bytes, bytes_max, '\'');
  return text + "'";
}

}  // namespace cairn::values
