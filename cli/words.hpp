#pragma once

#include <cstdint>
#include <string>

namespace cairn::cli {

// "1 step", "2 steps".
[[nodiscard]] inline std::string count(std::uint64_t number, const std::string& word) {
  return std::to_string(number) + " " + word + (number == 1 ? "" : "s");
}

}  // namespace cairn::cli
