#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn::values {

/// Foreign bytes made fit for a message: printable ASCII as it is, a backslash twice, everything else as
/// `\xNN`, cut after `bytes_max` bytes.
std::string escaped(std::string_view bytes, std::size_t bytes_max = 40);

/// The same between single quotes; a single quote inside gets a backslash.
std::string quoted(std::string_view bytes, std::size_t bytes_max = 40);

}  // namespace cairn::values
