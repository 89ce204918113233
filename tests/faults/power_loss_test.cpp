// The power fails after every operation on a file, and takes what was not flushed in thirteen ways.
//
// Each operation of the table is recorded once, with everything that went to disk. Then states that a disk
// can be in when the power fails at operation k are made, opened by the next owner, and looked at.

#include "tests/faults/power_loss.hpp"

#include "tests/counts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <string>

namespace cairn::testing {
namespace {

std::string name_of_operation(const ::testing::TestParamInfo<Operation>& info) {
  return std::string{info.param.name};
}

void print(const std::string& what, const Recording& recording, const PowerLoss& power) {
  std::cout << "power_loss " << what << ": " << recording.operations.size() << " operations, "
            << power.states() << " states (" << in_words(power.states_by_loss()) << ")\n";
  tell_count("states", power.states());
}

// Another one lets chance decide otherwise.
unsigned fault_seed() {
  return static_cast<unsigned>(number_from("CAIRN_FAULT_SEED", 0));
}

void expect_every_loss(const std::map<Loss, std::size_t>& states) {
  for (const Loss loss : all_losses) {
    EXPECT_TRUE(states.contains(loss)) << "no state with this loss: " << to_string(loss);
  }
}

// -------------------------------------------------------------------------------------- one operation

class PowerLossTest : public ::testing::TestWithParam<Operation> {};

INSTANTIATE_TEST_SUITE_P(Operations, PowerLossTest, ::testing::ValuesIn(operations()), name_of_operation);

TEST_P(PowerLossTest, NothingAcknowledgedIsLostAndNothingIsHalf) {
  const Recording recording = record_life([](World& world, const auto&) { GetParam().run(world); });
  PowerLoss power{recording, 1 + fault_seed()};
  power.fail_everywhere(all_losses, 0, 2);
  print(std::string{GetParam().name}, recording, power);
  expect_every_loss(power.states_by_loss());
}

TEST_P(PowerLossTest, NorWhenItFailsAgainDuringTheRecovery) {
  const Recording recording = record_life([](World& world, const auto&) { GetParam().run(world); });
  PowerLoss power{recording, 2 + fault_seed()};
  power.fail_again(16);
  print(std::string{GetParam().name} + ", in the recovery", recording, power);
  EXPECT_GT(power.states(), 0U);
}

// -------------------------------------------------------------------------------------------- pairs

// This operation, and any other one in the same life.
class PairPowerLossTest : public ::testing::TestWithParam<Operation> {};

INSTANTIATE_TEST_SUITE_P(Operations, PairPowerLossTest, ::testing::ValuesIn(operations()), name_of_operation);

TEST_P(PairPowerLossTest, NothingAcknowledgedIsLostInTheSecond) {
  std::map<Loss, std::size_t> states;
  std::size_t all = 0;
  // A life takes as long to record as twelve of its states to look at: where few states are wanted, few pairs
  // live.
  const std::size_t pairs = std::clamp<std::size_t>(fault_stride() / 3, 1, 9);
  for (std::size_t i = (GetParam().name.size() + fault_seed()) % pairs; i < operations().size(); i += pairs) {
    const Operation& second = operations()[i];
    SCOPED_TRACE("then " + std::string{second.name});
    std::size_t from = 0;
    const Recording recording = record_life([&](World& world, const auto& mark) {
      GetParam().run(world);
      from = mark();
      second.run(world);
    });
    PowerLoss power{recording, static_cast<unsigned>(all) + fault_seed(), fault_stride() / pairs};
    power.fail_in_turn(from, 1);
    EXPECT_GT(power.states(), 0U);
    for (const auto& [loss, count] : power.states_by_loss()) states[loss] += count;
    all += power.states();
    if (HasFailure()) return;
  }
  std::cout << "power_loss " << GetParam().name << " and another: " << all << " states (" << in_words(states)
            << ")\n";
  tell_count("states", all);
  EXPECT_GT(all, 0U);
  if (pairs == 1) expect_every_loss(states);
}

// ---------------------------------------------------------------------------------------- long lives

// All operations one after the other in one file, in an order of chance.
class LongPowerLossTest : public ::testing::TestWithParam<unsigned> {
 protected:
  static Recording record(bool in_background) {
    std::vector<Operation> all = operations();
    std::shuffle(all.begin(), all.end(), std::mt19937{GetParam() + 3 * fault_seed()});
    const auto life = [&](World& world, const auto&) {
      for (const Operation& operation : all) {
        operation.run(world);
        world.tidy(Demand::busy);
      }
    };
    return record_life(life, in_background);
  }
};

INSTANTIATE_TEST_SUITE_P(Seeds, LongPowerLossTest, ::testing::Range(1U, 4U));

TEST_P(LongPowerLossTest, NothingAcknowledgedIsLostAndNothingIsHalf) {
  const Recording recording = record(false);
  PowerLoss power{recording, GetParam() + 3 * fault_seed()};
  power.fail_in_turn(0, 5);
  print("seed " + std::to_string(GetParam()), recording, power);
  expect_every_loss(power.states_by_loss());
}

TEST_P(LongPowerLossTest, NorWhileACheckpointIsMadeBesideCommits) {
  const Recording recording = record(true);
  PowerLoss power{recording, GetParam() + 3 * fault_seed()};
  power.fail_in_turn(0, 5);
  print("seed " + std::to_string(GetParam()) + ", checkpoints beside commits", recording, power);
  expect_every_loss(power.states_by_loss());
}

}  // namespace
}  // namespace cairn::testing
