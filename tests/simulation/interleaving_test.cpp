// Every ordered pair of operations on one instance, in every state of it, in every order of their boundaries;
// and the triples of two families. Nothing is left to chance. README.md says how to repeat one.

#include "tests/counts.hpp"
#include "tests/simulation/stage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>

namespace cairn::testing {
namespace {

constexpr std::size_t plays_of_a_stage = 40;  // then a new one: its memory of calls grows

bool is_result(Op op) {
  return op == Op::result || op == Op::failure;
}

bool hears(Turn turn) {
  return turn == Turn::hears_before_write || turn == Turn::hears_after_write;
}

using Visit = std::function<void(const Schedule&)>;

void enumerate_pairs(const Visit& visit) {
  for (const Scene& scene : scenes()) {
    for (std::size_t pair = 0; pair < op_count * op_count; ++pair) {
      const Op first = static_cast<Op>(pair / op_count);
      const Op second = static_cast<Op>(pair % op_count);
      for (const Gap gap : all_gaps) {
        for (std::size_t turn = 0; turn < turn_count; ++turn) {
          const Schedule schedule{&scene, {first, second}, {gap}, static_cast<Turn>(turn)};
          if (hears(schedule.turn) && (!is_result(second) || gap != Gap::nothing)) continue;
          // What befalls a turn that is alone has befallen it in the first place of another pair.
          if (gap == Gap::rest && schedule.turn != Turn::goes_well) continue;
          visit(schedule);
        }
      }
    }
  }
}

void enumerate_triples(std::vector<Op> family, const Visit& visit) {
  std::ranges::sort(family);
  for (const Scene& scene : scenes()) {
    do {
      for (const Gap first : all_gaps) {
        for (const Gap second : all_gaps) {
          for (const Turn turn :
               {Turn::goes_well, Turn::fails, Turn::dies_before_write, Turn::dies_before_report})
            visit({&scene, family, {first, second}, turn});
        }
      }
    } while (std::ranges::next_permutation(family).found);
  }
}

void enumerate(const Visit& visit) {
  enumerate_pairs(visit);
  enumerate_triples({Op::event, Op::time, Op::pause}, visit);
  enumerate_triples({Op::sweep, Op::restart, Op::event}, visit);
}

// Two halves, so that two processors have work.
class InterleavingTest : public ::testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Halves, InterleavingTest, ::testing::Values(0, 1));

TEST_P(InterleavingTest, EveryScheduleHoldsWhatIsPromised) {
  const char* chosen = std::getenv("CAIRN_INTERLEAVING");
  // Another seed takes others of every so many schedules.
  const std::size_t stride = interleaving_stride();
  const std::size_t shift = number_from("CAIRN_FAULT_SEED", 0) % stride;
  Statistics statistics;
  std::unique_ptr<Stage> stage;
  std::size_t number = 0;
  std::size_t plays = 0;
  std::size_t possible = 0;
  enumerate([&](const Schedule& schedule) {
    const std::size_t own = number++;
    if (chosen != nullptr ? own != std::stoull(chosen) : own % stride != shift) return;
    if (own / stride % 2 != GetParam() || HasFailure()) return;
    if (plays++ % plays_of_a_stage == 0) {
      stage.reset();  // one disk at a time
      stage = std::make_unique<Stage>(statistics, chosen != nullptr);
    }
    if (stage->play(schedule)) ++possible;
    if (!stage->failure().empty()) {
      ADD_FAILURE() << to_text(schedule) << "\n"
                    << stage->failure() << "\nrepeat it with CAIRN_INTERLEAVING=" << own;
    }
  });
  std::cout << "interleaving: " << possible << " schedules of " << plays << '\n';
  tell_count("schedules", possible);
  statistics.print(std::cout);
  if (chosen == nullptr && !HasFailure()) {
    EXPECT_GT(possible * stride, 20'000U);
  }
}

}  // namespace
}  // namespace cairn::testing
