#pragma once

#include "tests/simulation/dice.hpp"
#include "tests/stress/completions.hpp"
#include "tests/stress/life.hpp"
#include "tests/stress/meeting.hpp"
#include "tests/stress/own_calls.hpp"
#include "tests/stress/witness.hpp"

#include <cstddef>
#include <cstdint>

namespace cairn::testing {

/// One of the threads that call everything.
class Caller {
 public:
  struct Seat {
    std::size_t thread = 0;  // from 0
    std::size_t threads = 0;
    std::uint64_t seed = 0;
  };

  Caller(const Seat& seat, Slot& slot, Lives& lives, Meeting& meeting, Completions& completions);

  /// Until it is told to leave.
  void run();

  [[nodiscard]] const Times& times() const noexcept { return witness_.times(); }
  [[nodiscard]] std::uint64_t ended() const noexcept { return own_.ended(); }

 private:
  [[nodiscard]] Turn turn();
  void make(const Movement& movement);
  void act();

  const Seat seat_;
  Lives& lives_;
  Meeting& meeting_;
  Completions& completions_;
  Witness witness_;
  Dice dice_;
  OwnCalls own_;
};

}  // namespace cairn::testing
