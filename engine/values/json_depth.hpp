#pragma once

#include <cstddef>
#include <string_view>

namespace cairn::values {

/// Whether a text that is known to be JSON is nested deeper, without a tree of it. Costs nothing for a text
/// that is too short for that.
[[nodiscard]] bool is_nested_deeper(std::string_view text, std::size_t depth_max) noexcept;

/// Throws `Error` (`invalid_argument`) that begins with the field when it is.
void check_text_depth(std::string_view text, std::string_view field, std::size_t depth_max);

}  // namespace cairn::values
