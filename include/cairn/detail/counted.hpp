#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// How messages tell numbers. Not for users.
namespace cairn::detail {

/// `1 step`, `2 steps`; with a third word, `1 entry`, `2 entries`.
[[nodiscard]] inline std::string counted(std::uint64_t number, std::string_view word,
                                         std::string_view words = {}) {
  std::string text = std::to_string(number) + ' ';
  if (number == 1 || words.empty()) text += word;
  if (number == 1) return text;
  return words.empty() ? text + 's' : text.append(words);
}

}  // namespace cairn::detail
