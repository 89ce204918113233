#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace cairn::testing {

/// Says how much a harness has done, in a line that `cairn-soak` adds up: `[count] 1200 states`.
inline void tell_count(std::string_view what, std::uint64_t count) {
  std::cout << "[count] " << count << ' ' << what << '\n';
}

/// A number from the environment, by which somebody repeats or prolongs a run; `otherwise` when there is
/// none.
inline std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::stoull(text);
}

}  // namespace cairn::testing
