#pragma once

#include "tests/stress/calls.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace cairn::testing {

/// What one thread shows of itself. Written by that thread alone.
struct alignas(64) Slot {
  /// Calls begun and calls ended, together: odd while one is in progress.
  std::atomic<std::uint64_t> moves = 0;
  std::atomic<Call> call = {};  // the one in progress, or the last one

  void begin(Call begun) noexcept {
    call.store(begun, std::memory_order_relaxed);
    moves.fetch_add(1, std::memory_order_release);
  }
  void end() noexcept { moves.fetch_add(1, std::memory_order_release); }
};

/// A file in memory in which the threads of a program show what they do. Another process may look at it
/// whatever has become of the first one: nobody has to answer.
class Board {
 public:
  static constexpr std::size_t size = 65;  // the thread that directs, and 64 others

  /// Makes the file, all slots empty, where there is none. Throws `std::system_error`.
  explicit Board(const std::filesystem::path& file);
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;
  ~Board();

  [[nodiscard]] Slot& operator[](std::size_t thread) { return slots_[thread]; }
  [[nodiscard]] const Slot& operator[](std::size_t thread) const { return slots_[thread]; }

 private:
  Slot* slots_ = nullptr;
};

}  // namespace cairn::testing
