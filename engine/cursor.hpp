#pragma once

#include <cairn/store.hpp>

#include <string>
#include <string_view>

namespace cairn::engine {

/// The opaque place in a listing, and back. Throws `Error` (`invalid_argument`) when the text is none.
[[nodiscard]] std::string write_cursor(Key key);
[[nodiscard]] Key read_cursor(std::string_view cursor);

}  // namespace cairn::engine
