// There is no memory: request k fails, or every one from then on until somebody frees some.
//
// Each operation of the table runs again and again, and request k of C++ or of SQLite fails. There are
// thousands in each; every 23rd is tried, from another one on for each operation.

#include "tests/counts.hpp"
#include "tests/faults/failing_memory.hpp"
#include "tests/faults/trial.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <string>

namespace cairn::testing {
namespace {

class MemoryTest : public ::testing::TestWithParam<Operation> {
 protected:
  static void SetUpTestSuite() {
    static const bool taken_over = [] {
      FailingMemory::take_over();
      return true;
    }();
    static_cast<void>(taken_over);
  }
};

INSTANTIATE_TEST_SUITE_P(Operations, MemoryTest, ::testing::ValuesIn(operations_and_the_file()),
                         [](const auto& one) { return std::string{one.param.name}; });

TEST_P(MemoryTest, WhatWasToldIsTrueAndTheStoreGoesOn) {
  const std::size_t stride = 23 * fault_stride();
  std::size_t runs = 0;
  std::map<std::string, std::size_t> told;
  for (const bool for_long : {false, true}) {
    for (std::size_t k = (GetParam().name.size() + number_from("CAIRN_FAULT_SEED", 0)) % stride;;
         k += stride) {
      SCOPED_TRACE("request " + std::to_string(k) + (for_long ? " and all that follow" : ""));
      Trial trial{"", FailingMemory::arm};
      FailingMemory::plan(k, for_long ? FailingMemory::for_good : 1);
      trial.play(GetParam());
      if (!FailingMemory::fired()) break;
      ++told[trial.told()];
      trial.look();
      ++runs;
      if (HasFailure()) return;
    }
  }
  std::cout << "memory " << GetParam().name << ": " << runs << " runs";
  for (const auto& [what, count] : told) std::cout << ", " << what << ' ' << count;
  std::cout << '\n';
  tell_count("runs", runs);
  EXPECT_GT(runs, 0U);
}

}  // namespace
}  // namespace cairn::testing
