#pragma once

#include <cstddef>
#include <string_view>

namespace cairn::values {

/// What a text that is known to be JSON may be.
struct TextLimits {
  std::size_t bytes = 0;
  std::size_t depth = 0;
};

/// Without a tree of it. The depth of a text that is too short for it costs nothing.
[[nodiscard]] bool fits(std::string_view text, const TextLimits& limits) noexcept;

/// Throws `Error` (`too_large`, or `invalid_argument` for the depth) that begins with the field and ends with
/// what the value belongs to, as by `owner`.
void check_text(std::string_view text, std::string_view field, const TextLimits& limits,
                std::string_view owner_kind, std::string_view owner_name);

}  // namespace cairn::values
