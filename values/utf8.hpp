#pragma once

#include <cstddef>
#include <string_view>

namespace cairn::values {

/// Position of the first byte that no valid UTF-8 can have there; `npos` when all is valid.
std::size_t find_invalid_utf8(std::string_view bytes) noexcept;

}  // namespace cairn::values
