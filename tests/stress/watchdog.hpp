#pragma once

#include "tests/crash/child.hpp"
#include "tests/stress/board.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace cairn::testing {

/// How long the threads of a program may stand still. Time in which one of them waits for the disk, or in
/// which this process was not run either, does not count: that is the machine's.
struct Patience {
  std::chrono::milliseconds nothing_returns = std::chrono::seconds{2};  // no call of any thread
  std::chrono::milliseconds one_call = std::chrono::seconds{10};        // of one thread
  std::chrono::milliseconds long_call = std::chrono::minutes{2};        // one that `takes_long`
  std::chrono::milliseconds life = std::chrono::hours{24};              // the program's

  /// For slower programs and machines.
  [[nodiscard]] Patience times(int factor) const {
    return {nothing_returns * factor, one_call * factor, long_call * factor, life * factor};
  }
};

/// The stacks of all threads of a process, as text; or why there are none. `folder` takes them meanwhile.
[[nodiscard]] std::string stacks_of(pid_t process, const std::filesystem::path& folder);

/// Looks at a program from outside, by its board.
class Watchdog {
 public:
  Watchdog(const Board& board, const Patience& patience) : board_{board}, patience_{patience} {}

  /// Looks on until the program ends by itself, and gives nothing; or until it stands still: kills it then,
  /// and gives what each thread was about, with the stacks.
  [[nodiscard]] std::string watch(Child& program, const std::filesystem::path& folder);

 private:
  struct Sight {
    std::uint64_t moves = 0;
    std::chrono::milliseconds unmoved = {};
  };

  void look(pid_t process, std::chrono::milliseconds passed);
  [[nodiscard]] std::string complaint() const;
  [[nodiscard]] std::string what_each_does() const;
  [[nodiscard]] bool in_call(std::size_t thread) const { return sights_[thread].moves % 2 == 1; }
  [[nodiscard]] bool in_long_call(std::size_t thread) const {
    return in_call(thread) && takes_long(board_[thread].call.load());
  }

  const Board& board_;
  const Patience patience_;
  std::array<Sight, Board::size> sights_ = {};
  std::chrono::milliseconds unmoved_ = {};  // all of them
  std::chrono::milliseconds looked_ = {};
};

}  // namespace cairn::testing
