#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace cairn::testing {

/// What decides when programs are killed. The environment repeats a run.
inline std::uint64_t crash_seed() {
  const char* given = std::getenv("CAIRN_CRASH_SEED");
  return given == nullptr ? std::random_device{}() : std::stoull(given);
}

}  // namespace cairn::testing
