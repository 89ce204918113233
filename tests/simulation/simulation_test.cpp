// The production conductor, committer and store on one thread, from a seed: random programs, callers,
// crashes, errors of the disk and leaps of the clock. README.md says how it works and how to repeat a seed.

#include "tests/simulation/simulation.hpp"

#include "tests/counts.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <string>

namespace cairn::testing {
namespace {

constexpr std::size_t length = 250;      // moves; the way to the end comes to as many again
constexpr std::uint64_t repeated = 100;  // every so many-th seed runs twice

std::uint64_t play(std::uint64_t seed, Statistics& statistics, bool aloud) {
  Simulation simulation{seed, statistics, aloud};
  simulation.run(length);
  if (!simulation.failure().empty()) {
    ADD_FAILURE() << simulation.failure() << "\nrepeat it with CAIRN_SIMULATION_SEED=" << seed;
  }
  return simulation.hash();
}

// Two halves, so that two processors have work.
// What every few hundred seeds must have met, and what every few thousand.
constexpr const char* seen_often[] = {"move create",
                                      "move event",
                                      "move control",
                                      "move sweep",
                                      "move watch",
                                      "move body",
                                      "move turn",
                                      "move time",
                                      "move leap",
                                      "move maintain",
                                      "move fault",
                                      "move death",
                                      "move stop",
                                      "move result heard in a write",
                                      "leap ahead",
                                      "leap back",
                                      "clock moved",
                                      "clock in doubt",
                                      "fault met",
                                      "code found no memory",
                                      "death",
                                      "death while it begins",
                                      "stop ok",
                                      "answer ok",
                                      "answer failed",
                                      "answer unknown",
                                      "answer learnt failed",
                                      "group store_failed",
                                      "group outcome_unknown",
                                      "doubt lost",
                                      "doubt written",
                                      "create ok",
                                      "create conflict",
                                      "create refused",
                                      "create from a body",
                                      "event awaited",
                                      "event buffered",
                                      "event too_large",
                                      "event cannot_send_event",
                                      "event instance_not_found",
                                      "pause ok",
                                      "pause nothing to do",
                                      "pause cannot_pause",
                                      "pause instance_not_found",
                                      "resume ok",
                                      "resume nothing to do",
                                      "resume cannot_resume",
                                      "terminate ok",
                                      "terminate cannot_terminate",
                                      "restart ok",
                                      "sweep of a piece",
                                      "sweep of all",
                                      "sweep of nothing",
                                      "sweep held up by a leap",
                                      "watch ended",
                                      "watch error",
                                      "watch given up",
                                      "result ok",
                                      "result failed",
                                      "result event",
                                      "result interrupted",
                                      "result given up",
                                      "result error Error",
                                      "result error NonRetryableError",
                                      "result error WorkflowTimeoutError",
                                      "advance of another run",
                                      "advance recorded, not continued"};
constexpr const char* seen_rarely[] = {"answer learnt ok"};

// By the table. `park` needs code that contradicts its record, which these programs never do; `pause` of one
// that waits or is queued is `pause_idle`, unless a body of an old run still runs.
bool must_be_seen(const Transition& transition) {
  return transition.cause != Cause::park &&
         !(transition.cause == Cause::pause && transition.from != Status::running);
}

void check_coverage(const Statistics& statistics, std::uint64_t seeds) {
  if (seeds < 150) return;
  for (const char* what : seen_often) EXPECT_GT(statistics.of(what), 0U) << what << " was never seen";
  if (seeds < 2'000) return;
  for (const char* what : seen_rarely) EXPECT_GT(statistics.of(what), 0U) << what << " was never seen";
  for (const Transition& transition : transitions) {
    const std::string what = "transition " + std::string{to_string(transition.from)} + " " +
                             std::string{to_string(transition.cause)};
    EXPECT_TRUE(!must_be_seen(transition) || statistics.of(what) > 0) << what << " was never seen";
  }
}

class SimulationTest : public ::testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Halves, SimulationTest, ::testing::Values(0, 1));

TEST_P(SimulationTest, EverySeedHoldsWhatIsPromised) {
  Statistics statistics;
  if (const std::uint64_t seed = number_from("CAIRN_SIMULATION_SEED", 0); seed != 0) {
    if (seed % 2 == GetParam()) play(seed, statistics, true);
    return;
  }
  const std::uint64_t seeds = simulation_seeds();
  const std::uint64_t first = 2 + number_from("CAIRN_SIMULATION_ROUND", 0) * 2 * seeds;
  std::uint64_t played = 0;
  for (std::uint64_t seed = first + GetParam(); seed < first + seeds && !HasFailure(); seed += 2, ++played) {
    const std::uint64_t hash = play(seed, statistics, false);
    if (seed % repeated > 1) continue;
    Statistics again;
    EXPECT_EQ(play(seed, again, false), hash) << "seed " << seed << " does not repeat itself";
  }
  std::cout << "simulation: " << played << " seeds, "
            << std::chrono::duration_cast<std::chrono::hours>(statistics.simulated()).count() / 24
            << " simulated days\n";
  tell_count("seeds", played);
  tell_count("simulated days",
             static_cast<std::uint64_t>(
                 std::chrono::duration_cast<std::chrono::hours>(statistics.simulated()).count() / 24));
  statistics.print(std::cout);
  if (!HasFailure()) check_coverage(statistics, played);
}

}  // namespace
}  // namespace cairn::testing
