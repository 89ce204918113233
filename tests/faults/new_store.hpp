#pragma once

#include <string>

namespace cairn::testing {

/// The bytes of a store in which nothing has happened yet, with pages of this size. It is made once for all:
/// that it can be made in any weather is for those tests that make a file themselves. One thread.
[[nodiscard]] const std::string& new_store(int page_bytes);

}  // namespace cairn::testing
