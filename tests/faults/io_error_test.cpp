// Every call of the operating system about a file fails once, or from then on until somebody mends it.
//
// Each operation of the table runs again and again, and call k of the run fails: a read, a write, a flush, a
// truncation, an opening, a removal. Whatever the caller was told must be true: what was acknowledged is
// there, what was refused is not, and of what is unknown there is all or nothing. When the fault is mended,
// the same store goes on, and the next owner finds the same.

#include "tests/faults/io_fault.hpp"
#include "tests/faults/trial.hpp"
#include "tests/storage/counting_vfs.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <optional>
#include <string>

namespace cairn::testing {
namespace {

// A disk whose call `k` fails.
class FailingDisk {
 public:
  FailingDisk(IoFault fault, std::size_t k) {
    vfs_.skip_syncs();
    vfs_.set_judge(
        [this, fault, k](const CountingVfs::Call& call) {
          const std::optional<int> result = armed_ ? result_of(fault, call.operation) : std::nullopt;
          if (!result) return SQLITE_OK;
          const std::size_t number = calls_++;
          if (lasts(fault) ? number < k : number != k) return SQLITE_OK;
          fired_ = true;
          return *result;
        },
        fault == IoFault::error_after_the_work);
  }

  void arm(bool on) { armed_ = on; }
  [[nodiscard]] bool fired() const { return fired_; }
  [[nodiscard]] const std::string& name() const { return vfs_.name(); }

 private:
  CountingVfs vfs_;
  bool armed_ = false;
  bool fired_ = false;
  std::size_t calls_ = 0;
};

class IoErrorTest : public ::testing::TestWithParam<Operation> {};

INSTANTIATE_TEST_SUITE_P(Operations, IoErrorTest, ::testing::ValuesIn(operations()),
                         [](const auto& one) { return std::string{one.param.name}; });

TEST_P(IoErrorTest, WhatWasToldIsTrueAndTheStoreGoesOn) {
  std::size_t runs = 0;
  std::map<std::string, std::size_t> told;
  for (const IoFault fault : all_io_faults) {
    for (std::size_t k = 0;; k += CAIRN_FAULT_STRIDE) {
      SCOPED_TRACE("fault " + std::to_string(static_cast<int>(fault)) + " at call " + std::to_string(k));
      FailingDisk disk{fault, k};
      Trial trial{disk.name(), [&](bool on) { disk.arm(on); }};
      trial.play(GetParam());
      if (!disk.fired()) break;
      ++told[trial.told()];
      trial.look();
      ++runs;
      if (HasFailure()) return;
    }
  }
  std::cout << "io_error " << GetParam().name << ": " << runs << " runs";
  for (const auto& [what, count] : told) std::cout << ", " << what << ' ' << count;
  std::cout << '\n';
  EXPECT_GT(runs * CAIRN_FAULT_STRIDE, 200U);
}

}  // namespace
}  // namespace cairn::testing
