#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

// How the tests that kill programs are set: by the build (`CAIRN_CRASH_KILLS`, fewer where a sanitizer slows
// programs down) and by the environment, to repeat a run or to make a longer one.
namespace cairn::testing {

inline int kills_wanted(int by_default) {
  const char* given = std::getenv("CAIRN_CRASH_KILLS");
  return given == nullptr ? by_default : std::stoi(given);
}

inline std::uint64_t crash_seed() {
  const char* given = std::getenv("CAIRN_CRASH_SEED");
  return given == nullptr ? std::random_device{}() : std::stoull(given);
}

}  // namespace cairn::testing
