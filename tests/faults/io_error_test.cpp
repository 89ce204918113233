// Every call of the operating system about a file fails once, or from then on until somebody mends it.
//
// Each operation of the table runs again and again, and call k of the run fails: a read, a write, a flush, a
// truncation, an opening, a removal. Whatever the caller was told must be true: what was acknowledged is
// there, what was refused is not, and of what is unknown there is all or nothing. When the fault is mended,
// the same store goes on, and the next owner finds the same.

#include "storage/sqlite/errors.hpp"
#include "storage/sqlite/store.hpp"
#include "tests/faults/table_dump.hpp"
#include "tests/faults/world.hpp"
#include "tests/storage/counting_vfs.hpp"
#include "tests/storage/store_fixture.hpp"

#include <cairn/check.hpp>

#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace cairn::testing {
namespace {

enum class Fault : std::uint8_t {
  error_once,
  error_for_long,
  full_once,
  full_for_long,
  error_after_the_work
};
constexpr Fault all_faults[] = {Fault::error_once, Fault::error_for_long, Fault::full_once,
                                Fault::full_for_long, Fault::error_after_the_work};

bool lasts(Fault fault) {
  return fault == Fault::error_for_long || fault == Fault::full_for_long;
}

// What SQLite's own VFS answers in such a case; nothing: this call does not fail so.
std::optional<int> result_of(Fault fault, CountingVfs::Operation operation) {
  using Operation = CountingVfs::Operation;
  const bool full = fault == Fault::full_once || fault == Fault::full_for_long;
  if (full) return operation == Operation::write ? std::optional{SQLITE_FULL} : std::nullopt;
  switch (operation) {
    case Operation::read:
      return SQLITE_IOERR_READ;
    case Operation::write:
      return SQLITE_IOERR_WRITE;
    case Operation::sync:
      return SQLITE_IOERR_FSYNC;
    case Operation::truncate:
      return SQLITE_IOERR_TRUNCATE;
    case Operation::open:
      return SQLITE_CANTOPEN;
    case Operation::remove:
      return SQLITE_IOERR_DELETE;
  }
  return std::nullopt;
}

// One run of an operation in which call `k` fails.
class FaultyRun {
 public:
  FaultyRun(Fault fault, std::size_t k) {
    vfs_.skip_syncs();
    vfs_.set_judge(
        [this, fault, k](const CountingVfs::Call& call) {
          if (!armed_) return SQLITE_OK;
          const std::optional<int> result = result_of(fault, call.operation);
          if (!result) return SQLITE_OK;
          const std::size_t number = calls_++;
          if (lasts(fault) ? number < k : number != k) return SQLITE_OK;
          fired_ = true;
          return *result;
        },
        fault == Fault::error_after_the_work);
  }

  // Whether there was a call that failed.
  bool play(const Operation& operation) {
    armed_ = true;
    try {
      world_ = std::make_unique<World>([this] { return open(); });
      note();
      world_->on_durable([this] { note(); });
      operation.run(*world_);
    } catch (const Error& error) {
      failure_ = error.code();
      EXPECT_TRUE(failure_ == Errc::store_failed || failure_ == Errc::outcome_unknown) << error.what();
    }
    armed_ = false;
    return fired_;
  }

  void look() {
    if (world_) go_on();
    world_.reset();
    const CheckReport before = std::filesystem::exists(file_) ? check_file(file_) : CheckReport{};
    EXPECT_TRUE(before.sound()) << before.findings.at(0).rule << ": " << before.findings.at(0).what;
    // The next owner.
    sqlite::SqliteStore next{file_, {}};
    compare();
  }

  [[nodiscard]] std::optional<Errc> failure() const { return failure_; }

 private:
  [[nodiscard]] std::unique_ptr<Store> open() const {
    return sqlite::translated("cannot open the file", [&] {
      return std::make_unique<sqlite::SqliteStore>(
          file_, sqlite::FileOptions{.vfs = vfs_.name(),
                                     .checkpoint_bytes = std::size_t{24} << 10,
                                     .page_bytes = 512,
                                     .background_checkpoints = false});
    });
  }

  void note() {
    const bool was_armed = std::exchange(armed_, false);
    rows_ = dump_rows(file_);
    armed_ = was_armed;
  }

  // The fault is mended: the same store takes the next group, which changes no row.
  void go_on() {
    try {
      world_->on_durable({});
      world_->open_if_closed();
      world_->apply({Control{.key = 400'000, .command = Command::pause}});
    } catch (const std::exception& error) {
      ADD_FAILURE() << "does not go on: " << error.what();
    }
    compare();
  }

  void compare() {
    if (!std::filesystem::exists(file_)) return;
    const std::string found = dump_rows(file_);
    if (failure_ == Errc::outcome_unknown) {
      // All of the group or nothing: the rules of the checker see half of one. From now on it is known.
      failure_ = Errc::store_failed;
      rows_ = found;
    }
    if (rows_) {
      EXPECT_EQ(found, *rows_);
    }
  }

  Folder folder_;
  const std::filesystem::path file_ = folder_ / "store.db";
  CountingVfs vfs_;
  std::unique_ptr<World> world_;
  bool armed_ = false;
  bool fired_ = false;
  std::size_t calls_ = 0;
  std::optional<std::string> rows_;  // after the last acknowledged group
  std::optional<Errc> failure_;
};

class IoErrorTest : public ::testing::TestWithParam<Operation> {};

INSTANTIATE_TEST_SUITE_P(Operations, IoErrorTest, ::testing::ValuesIn(operations()),
                         [](const auto& one) { return std::string{one.param.name}; });

TEST_P(IoErrorTest, WhatWasToldIsTrueAndTheStoreGoesOn) {
  std::size_t runs = 0;
  std::map<std::string, std::size_t> told;
  for (const Fault fault : all_faults) {
    for (std::size_t k = 0;; k += CAIRN_FAULT_STRIDE) {
      SCOPED_TRACE("fault " + std::to_string(static_cast<int>(fault)) + " at call " + std::to_string(k));
      FaultyRun run{fault, k};
      if (!run.play(GetParam())) break;
      ++told[run.failure() ? std::string{to_string(*run.failure())} : "nothing"];
      run.look();
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
