// Every call of the operating system about a file fails once, or from then on until somebody mends it.
//
// Each operation of the table runs again and again, and call k of the run fails: a read, a write, a flush, a
// truncation, an opening, a removal, a question for the size, a lock, and those of the log's index. Whatever
// the caller was told must be true: what was acknowledged is there, what was refused is not, and of what is
// unknown there is all or nothing. When the fault is mended, the same store goes on, and the next owner finds
// the same; also when another call fails while it recovers.

#include "tests/counts.hpp"
#include "tests/faults/io_fault.hpp"
#include "tests/faults/trial.hpp"
#include "tests/storage/counting_vfs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <string>

namespace cairn::testing {
namespace {

// A disk whose calls fail as it is planned.
class FailingDisk {
 public:
  FailingDisk() { vfs_.skip_syncs(); }

  // From now on, call `k` fails.
  void plan(IoFault fault, std::size_t k) {
    calls_ = 0;
    fired_.reset();
    vfs_.set_judge(
        [this, fault, k](const CountingVfs::Call& call) {
          const std::optional<int> result = armed_ ? result_of(fault, call.operation) : std::nullopt;
          if (!result) return SQLITE_OK;
          const std::size_t number = calls_++;
          if (lasts(fault) ? number < k : number != k) return SQLITE_OK;
          if (!fired_) fired_ = *result;
          return *result;
        },
        fault == IoFault::error_after_the_work);
  }

  void arm(bool on) { armed_ = on; }
  // What the first call that failed gave; nothing: none has failed.
  [[nodiscard]] std::optional<int> fired() const { return fired_; }
  [[nodiscard]] const std::string& name() const { return vfs_.name(); }

 private:
  CountingVfs vfs_;
  bool armed_ = false;
  std::optional<int> fired_;
  std::size_t calls_ = 0;
};

// How often something came, by its name.
using Counts = std::map<std::string, std::size_t>;

std::string in_words(const Counts& counts) {
  std::string words;
  for (const auto& [what, count] : counts) words += ", " + what + ' ' + std::to_string(count);
  return words;
}

// All that calls fail with, by the names of sqlite.org/rescode.html.
const std::map<int, std::string> codes{{SQLITE_IOERR_READ, "IOERR_READ"},
                                       {SQLITE_IOERR_WRITE, "IOERR_WRITE"},
                                       {SQLITE_IOERR_FSYNC, "IOERR_FSYNC"},
                                       {SQLITE_IOERR_TRUNCATE, "IOERR_TRUNCATE"},
                                       {SQLITE_CANTOPEN, "CANTOPEN"},
                                       {SQLITE_IOERR_DELETE, "IOERR_DELETE"},
                                       {SQLITE_IOERR_FSTAT, "IOERR_FSTAT"},
                                       {SQLITE_IOERR_LOCK, "IOERR_LOCK"},
                                       {SQLITE_IOERR_SHMMAP, "IOERR_SHMMAP"},
                                       {SQLITE_IOERR_SHMLOCK, "IOERR_SHMLOCK"},
                                       {SQLITE_FULL, "FULL"}};

class IoErrorTest : public ::testing::TestWithParam<Operation> {};

// Another one shifts which of the calls fail.
std::size_t fault_seed() {
  return number_from("CAIRN_FAULT_SEED", 0);
}

INSTANTIATE_TEST_SUITE_P(Operations, IoErrorTest, ::testing::ValuesIn(operations_and_the_file()),
                         [](const auto& one) { return std::string{one.param.name}; });

TEST_P(IoErrorTest, WhatWasToldIsTrueAndTheStoreGoesOn) {
  std::size_t runs = 0;
  Counts told;
  Counts failed;
  for (const IoFault fault : all_io_faults) {
    // A full disk fails writes alone, which are few, since the log is gathered.
    const bool full = fault == IoFault::full_once || fault == IoFault::full_for_long;
    const std::size_t stride = full ? std::max<std::size_t>(1, fault_stride() / 12) : fault_stride();
    // All operations open the file alike: each begins elsewhere, so that few of those calls are left out.
    for (std::size_t k = (GetParam().name.size() + fault_seed()) % stride;; k += stride) {
      SCOPED_TRACE("fault " + std::to_string(static_cast<int>(fault)) + " at call " + std::to_string(k));
      FailingDisk disk;
      disk.plan(fault, k);
      Trial trial{disk.name(), [&](bool on) { disk.arm(on); }};
      trial.play(GetParam());
      if (!disk.fired()) break;
      ++told[trial.told()];
      ++failed[codes.at(*disk.fired())];
      trial.look();
      ++runs;
      if (HasFailure()) return;
    }
  }
  std::cout << "io_error " << GetParam().name << ": " << runs << " runs" << in_words(told) << in_words(failed)
            << '\n';
  tell_count("runs", runs);
  EXPECT_GT(runs * fault_stride(), 200U);
  if (fault_stride() == 1) {
    // A log is removed, and cut, only where an owner ends.
    const std::size_t all = GetParam().makes_its_file ? codes.size() : codes.size() - 2;
    EXPECT_GE(failed.size(), all) << "some calls never failed";
  }
}

TEST_P(IoErrorTest, AlsoWhenAnotherCallFailsWhileItRecovers) {
  const std::size_t stride = 5 * fault_stride();
  std::size_t runs = 0;
  std::size_t second_failures = 0;
  Counts told;
  for (const IoFault fault : all_io_faults) {
    for (std::size_t k = (GetParam().name.size() + fault_seed()) % stride;; k += stride) {
      const IoFault second = all_io_faults[k % std::size(all_io_faults)];
      const std::size_t second_k = k / stride % 12;
      SCOPED_TRACE("fault " + std::to_string(static_cast<int>(fault)) + " at call " + std::to_string(k) +
                   ", then fault " + std::to_string(static_cast<int>(second)) + " at call " +
                   std::to_string(second_k));
      FailingDisk disk;
      disk.plan(fault, k);
      Trial trial{disk.name(), [&](bool on) { disk.arm(on); }};
      trial.play(GetParam());
      if (!disk.fired()) break;
      disk.plan(second, second_k);
      trial.stumble();
      if (disk.fired()) ++second_failures;
      ++told[trial.told()];
      trial.look();
      ++runs;
      if (HasFailure()) return;
    }
  }
  std::cout << "io_error " << GetParam().name << ", and another: " << runs << " runs, " << second_failures
            << " second failures" << in_words(told) << '\n';
  tell_count("compound runs", runs);
  if (fault_stride() <= 12) {
    EXPECT_GT(second_failures, 0U);
  }
}

}  // namespace
}  // namespace cairn::testing
