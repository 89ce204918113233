#pragma once

#include <cairn/codec.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace cairn {

class JsonText;

namespace detail {

/// Not for users: text of which the caller knows that it is JSON.
[[nodiscard]] inline JsonText known_json_text(std::string text);

}  // namespace detail

/// A JSON value for those who only pass it on: its text, compact where it was made of a tree, and otherwise
/// as it came. A tree of a value takes up to forty times the memory of its text.
class JsonText {
 public:
  /// `null`.
  JsonText() = default;
  /// Throws as `write_json`.
  explicit JsonText(const json& value, std::string_view field = "value",
                    std::size_t depth_max = json_depth_limit)
      : text_(write_json(value, field, depth_max)) {}

  /// Always one well-formed value.
  [[nodiscard]] const std::string& text() const& noexcept { return text_; }
  [[nodiscard]] std::string text() && noexcept { return std::move(text_); }
  bool operator==(const JsonText&) const = default;

 private:
  friend JsonText detail::known_json_text(std::string text);
  std::string text_ = "null";
};

inline JsonText detail::known_json_text(std::string text) {
  JsonText known;
  known.text_ = std::move(text);
  return known;
}

}  // namespace cairn
