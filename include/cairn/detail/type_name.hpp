#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

// How the compiler writes a type: for messages alone. Not for users.
namespace cairn::detail {

template <class T>
constexpr std::string_view text_around() noexcept {
  return __PRETTY_FUNCTION__;
}

/// Such as `shop::Receipt`.
template <class T>
constexpr std::string_view type_name() noexcept {
  if constexpr (std::is_same_v<T, std::string>) {
    return "std::string";  // compilers write its template out
  } else {
    constexpr std::string_view known = "double";
    constexpr std::string_view around = text_around<double>();
    constexpr std::size_t begin = around.find(known);
    constexpr std::size_t behind = around.size() - begin - known.size();
    const std::string_view text = text_around<T>();
    return text.substr(begin, text.size() - begin - behind);
  }
}

}  // namespace cairn::detail
