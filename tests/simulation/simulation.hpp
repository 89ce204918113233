#pragma once

#include "tests/simulation/dice.hpp"
#include "tests/simulation/machine.hpp"
#include "tests/simulation/statistics.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::testing {

/// What chance plays with, seed by seed: some seeds have many crashes and none of something else.
enum class Move : std::uint8_t {
  create,
  event,
  control,
  sweep,
  watch,
  body,
  body_held_back,
  turn,
  overlapping_turn,
  pass_time,
  pass_to_next,
  leap,
  maintain,
  compare,
  fault,
  mend,
  die,
  die_in_a_write,
  stop,
};
inline constexpr std::size_t moves = 19;

/// One machine with its programs, its callers and its mishaps, from a seed: the production conductor,
/// committer and store on one thread, under a clock of its own.
class Simulation {
 public:
  Simulation(std::uint64_t seed, Statistics& statistics, bool aloud);

  /// Plays so many moves, then ends all faults and lets everything come to its end.
  void run(std::size_t length);

  /// What was not as promised; empty: nothing.
  [[nodiscard]] const std::string& failure() const { return m_.findings.first(); }
  [[nodiscard]] std::uint64_t hash() const { return m_.trace.hash(); }

 private:
  // simulation.cpp
  void play(Move move);
  void turn(bool overlaps);
  bool run_body(bool hold_back, bool may_create);
  bool wait_for_another(std::size_t index);
  void pass(Duration span);
  void pass_to_next();
  void leap();
  void mishap(Move move);
  void check_answered();

  // simulation_calls.cpp: what callers ask for
  void create();
  void send_event();
  void control();
  void sweep();
  void watch();
  void create_from_body(const std::string& id);
  Key any_key();
  std::string any_id();
  [[nodiscard]] CreateBatch new_batch();

  // simulation_lives.cpp: how programs begin and end
  void begin();
  void come_back();
  void stop();
  void let_all_end();

  Dice dice_;
  Statistics& statistics_;
  const HostOptions options_;
  Machine m_;
  std::vector<std::size_t> weights_;
  std::vector<engine::BodyDone> held_back_;  // results that have not been told
  std::size_t next_id_ = 0;
  bool was_in_doubt_ = false;
  bool peace_ = false;  // nothing fails any more
};

}  // namespace cairn::testing
