#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <string_view>

namespace cairn::testing {

/// Says how much a harness has done, in a line that `cairn-soak` adds up: `[count] 1200 states`.
inline void tell_count(std::string_view what, std::uint64_t count) {
  std::cout << "[count] " << count << ' ' << what << '\n';
}

/// A number from the environment, by which somebody repeats or prolongs a run; `otherwise` when there is
/// none.
inline std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::stoull(text);
}

// How much each harness does. What stands here is for `scripts/test`; the environment asks for more, as
// `.ci/run` does, or for less, as the presets of the sanitizers do. No build depends on it.

/// Of the faults that the harnesses of tests/faults make, they make every so many-th.
inline std::uint64_t fault_stride() {
  return number_from("CAIRN_FAULT_STRIDE", 12);
}

/// How often the tests of ledgers and openings kill their program.
inline std::uint64_t crash_kills() {
  return number_from("CAIRN_CRASH_KILLS", 50);
}

/// How often the storm kills its program.
inline std::uint64_t storm_kills() {
  return number_from("CAIRN_STORM_KILLS", 120);
}

/// Of the sequences and seeds of the storms in tests/engine, they play every so many-th.
inline std::uint64_t sequence_stride() {
  return number_from("CAIRN_SEQUENCE_STRIDE", 5);
}

/// How many seeds the simulation plays.
inline std::uint64_t simulation_seeds() {
  return number_from("CAIRN_SIMULATION_SEEDS", 300);
}

/// Of all interleavings, every so many-th is played.
inline std::uint64_t interleaving_stride() {
  return number_from("CAIRN_INTERLEAVING_STRIDE", 37);
}

/// How many changes SQLite's store and the one in memory are compared over.
inline std::uint64_t differential_changes() {
  return number_from("CAIRN_DIFFERENTIAL_CHANGES", 40'000);
}

/// How many seconds the threads of `tests/stress` call, in each of its scenes.
inline std::uint64_t stress_seconds() {
  return number_from("CAIRN_STRESS_SECONDS", 2);
}

/// Where the threads of `tests/stress` begin to choose; how they meet is left to the machine.
inline std::uint64_t stress_seed() {
  return number_from("CAIRN_STRESS_SEED", std::random_device{}());
}

/// By which its limits of time are multiplied, for a machine that has much else to do.
inline int stress_patience() {
  return static_cast<int>(number_from("CAIRN_STRESS_PATIENCE", 1));
}

}  // namespace cairn::testing
