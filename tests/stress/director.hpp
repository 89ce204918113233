#pragma once

#include "tests/simulation/dice.hpp"
#include "tests/stress/completions.hpp"
#include "tests/stress/life.hpp"
#include "tests/stress/meeting.hpp"
#include "tests/stress/place.hpp"
#include "tests/stress/witness.hpp"

#include <cairn/cairn.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace cairn::testing {

/// What a run of the stress program is asked for.
struct Plan {
  std::string store;  // "memory" or "sqlite"
  std::size_t threads = 8;
  std::chrono::seconds time{2};
  std::uint64_t seed = 1;
  std::filesystem::path folder;
};

/// Makes engines and ends them, while the callers call. A round is a new store and three lives on it: a long
/// one that ends in the middle of everything, a short one that ends beside readers who do not pause, and one
/// that ends in order, when everything has been seen to be right.
class Director {
 public:
  Director(const Plan& plan, Slot& slot, Lives& lives, Meeting& meeting, Completions& completions);

  /// Until the time is over. The callers stand at the meeting then.
  void run();

  [[nodiscard]] const Times& times() const noexcept { return witness_.times(); }
  [[nodiscard]] std::uint64_t lives() const noexcept { return life_number_; }
  [[nodiscard]] std::uint64_t rounds() const noexcept { return round_number_; }

 private:
  using Clock = std::chrono::steady_clock;

  void begin(Place& place, const std::shared_ptr<SharedInstances>& shared);
  void last_for(Clock::duration time) const;
  void end_abruptly();
  void end_in_order();
  void destroy();
  [[nodiscard]] EngineOptions options();

  const Plan plan_;
  const Clock::time_point end_;
  Lives& lives_;
  Meeting& meeting_;
  Completions& completions_;
  Witness witness_;
  Dice dice_;
  std::shared_ptr<Life> life_;
  std::uint64_t life_number_ = 0;
  std::uint64_t round_number_ = 0;
};

}  // namespace cairn::testing
