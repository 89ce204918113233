#pragma once

#include <cstddef>
#include <limits>

namespace cairn::testing {

/// The memory of the whole program, C++'s and SQLite's: request `k` from now on fails, and so do those that
/// follow, `count` in all. A program that links failing_memory.cpp has it; SQLite must not have been used
/// before `take_over`. Requests may come from any thread.
struct FailingMemory {
  static constexpr std::size_t for_good = std::numeric_limits<std::size_t>::max();

  static void take_over();
  static void plan(std::size_t k, std::size_t count);
  static void arm(bool on);
  /// Whether a request has failed since it was planned.
  [[nodiscard]] static bool fired();

  /// While a thread holds one, its requests are granted, and not counted: it is about what a test does for
  /// itself.
  class Spared {
   public:
    Spared();
    ~Spared();
    Spared(const Spared&) = delete;
    Spared& operator=(const Spared&) = delete;
  };
};

}  // namespace cairn::testing
