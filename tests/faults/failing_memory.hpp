#pragma once

#include <cstddef>

namespace cairn::testing {

/// The memory of the whole program, C++'s and SQLite's: request `k` from now on fails, or all from `k` on.
/// A program that links failing_memory.cpp has it; SQLite must not have been used before `take_over`.
struct FailingMemory {
  static void take_over();
  static void plan(std::size_t k, bool for_long);
  static void arm(bool on);
  /// Whether a request has failed since it was planned.
  [[nodiscard]] static bool fired();
};

}  // namespace cairn::testing
