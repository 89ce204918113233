#pragma once

#include "tests/simulation/dice.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

namespace cairn::testing {

/// What all callers do next, each by itself.
enum class Move : std::uint8_t {
  mixed,    // a few calls, each chosen by chance
  in_step,  // each makes an instance, sends, perhaps pauses and resumes, and waits for its end
  for_one,  // all wait for the same instance
  read,     // all read without a pause, until the engine has ended
  finish,   // each brings its instances to their end
  leave,
};

struct Movement {
  Move move = Move::mixed;
  std::uint64_t number = 0;
  std::size_t calls = 0;   // of `mixed`
  std::uint64_t life = 0;  // of `read`: the one that ends
};

/// Where the callers wait for each other, again and again. A call that does not return keeps everybody here,
/// so that a wake-up that was lost is not made good by the next caller who happens to come.
class Meeting {
 public:
  Meeting(std::size_t callers, std::uint64_t seed) : callers_{callers}, dice_{seed} {}

  /// Waits for the other callers, then says what comes next.
  Movement arrive();

  // For the one who directs.

  /// Nothing begins before `go_on`. Said before the first one arrives.
  void hold();
  /// All read in this life next. Returns when they have begun to: the slowest of them may come to it when it
  /// has ended.
  void have_read(std::uint64_t life);
  /// Comes next; then waits until all have done it. They stand here until `go_on`.
  void have_and_hold(Move move);
  /// `next`: what comes first; else it is left to chance.
  void go_on(std::optional<Move> next = std::nullopt);

 private:
  void begin_next();
  [[nodiscard]] Move by_chance();

  const std::size_t callers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Dice dice_;
  Movement movement_;
  Move chosen_ = Move::mixed;
  std::size_t times_left_ = 0;
  std::size_t arrived_ = 0;
  std::optional<Move> wish_;
  std::uint64_t life_ = 0;
  bool holds_ = false;  // nothing else begins behind the wish
  bool held_ = false;   // all have arrived then
};

}  // namespace cairn::testing
