#include "api/requests/json_text.hpp"

#include <cairn/codec.hpp>

#include <algorithm>
#include <cstddef>
#include <string>

namespace cairn::api {
namespace {

constexpr std::string_view blanks = " \t\r\n";

/// Goes over a text from value to value.
class Scanner {
 public:
  explicit Scanner(std::string_view text) noexcept : rest_(text) { skip_blanks(); }

  [[nodiscard]] bool at(char sign) const noexcept { return rest_.starts_with(sign); }
  void skip_sign() noexcept {
    rest_.remove_prefix(1);
    skip_blanks();
  }
  /// A value, whatever it is.
  std::string_view value() noexcept {
    const std::string_view text = rest_.substr(0, length());
    rest_.remove_prefix(text.size());
    skip_blanks();
    return text;
  }

 private:
  void skip_blanks() noexcept {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
  }

  [[nodiscard]] std::size_t length() const noexcept {
    if (at('"')) return end_of_string(0);
    if (!at('{') && !at('[')) return std::min(rest_.find_first_of(",]} \t\r\n"), rest_.size());
    std::size_t depth = 0;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      const char sign = rest_[i];
      if (sign == '"') i = end_of_string(i) - 1;
      if (sign == '{' || sign == '[') ++depth;
      if ((sign == '}' || sign == ']') && --depth == 0) return i + 1;
    }
    return rest_.size();
  }

  // Behind the quote that ends the string which begins there.
  [[nodiscard]] std::size_t end_of_string(std::size_t begin) const noexcept {
    std::size_t i = begin + 1;
    while (i < rest_.size() && rest_[i] != '"') i += rest_[i] == '\\' ? 2 : 1;
    return std::min(i + 1, rest_.size());
  }

  std::string_view rest_;
};

bool is_key(std::string_view quoted, std::string_view key) {
  if (quoted.find('\\') == std::string_view::npos) return quoted.substr(1, quoted.size() - 2) == key;
  return parse_json(quoted).get_ref<const std::string&>() == key;
}

JsonText known(std::string_view text) {
  return detail::known_json_text(std::string{text});
}

}  // namespace

JsonText whole_text(std::string_view text) {
  return known(Scanner{text}.value());
}

std::optional<JsonText> member_text(std::string_view object, std::string_view key) {
  Scanner scanner{object};
  if (!scanner.at('{')) return std::nullopt;
  scanner.skip_sign();
  while (scanner.at('"')) {
    const bool found = is_key(scanner.value(), key);
    scanner.skip_sign();  // the colon
    const std::string_view value = scanner.value();
    if (found) return known(value);
    if (scanner.at(',')) scanner.skip_sign();
  }
  return std::nullopt;
}

}  // namespace cairn::api
