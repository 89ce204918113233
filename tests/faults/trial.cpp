#include "tests/faults/trial.hpp"

#include "storage/sqlite/errors.hpp"
#include "tests/faults/new_store.hpp"
#include "tests/faults/small_file.hpp"
#include "tests/faults/table_dump.hpp"

#include <cairn/check.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <new>

namespace cairn::testing {

void Trial::play(const Operation& operation) {
  if (!operation.makes_its_file) std::ofstream{file_, std::ios::binary} << new_store(small_file().page_bytes);
  arm_(true);
  try {
    world_ = std::make_unique<World>([this](const SqliteOptions& options) { return open(options); });
    note();
    world_->on_durable([this] { note(); });
    operation.run(*world_);
    arm_(false);
  } catch (const Error& error) {
    arm_(false);
    failure_ = error.code();
    EXPECT_TRUE(failure_ == Errc::store_failed || failure_ == Errc::outcome_unknown) << error.what();
  } catch (const std::bad_alloc&) {
    // Without memory for an answer, or in the test's own code: nobody can say how far it came.
    arm_(false);
    failure_ = Errc::outcome_unknown;
  }
}

void Trial::stumble() {
  arm_(true);
  try {
    if (!world_)
      world_ = std::make_unique<World>([this](const SqliteOptions& options) { return open(options); });
    world_->on_durable({});
    world_->open_if_closed();
    touch();
    arm_(false);
  } catch (const Error& error) {
    arm_(false);
    EXPECT_TRUE(error.code() == Errc::store_failed || error.code() == Errc::outcome_unknown) << error.what();
  }
}

void Trial::look() {
  if (world_) go_on();
  world_.reset();
  const CheckReport report = std::filesystem::exists(file_) ? check_file(file_) : CheckReport{};
  EXPECT_TRUE(report.sound()) << report.findings.at(0).rule << ": " << report.findings.at(0).what;
  // The next owner.
  const sqlite::SqliteStore next{file_, {}};
  compare();
}

std::string Trial::told() const {
  return failure_ ? std::string{to_string(*failure_)} : "nothing";
}

std::unique_ptr<Store> Trial::open(const SqliteOptions& options) const {
  // Nobody else has the file: a lock that is taken stays so, and is not waited for.
  SqliteOptions impatient = options;
  impatient.lock_wait = std::chrono::milliseconds{20};
  return sqlite::translated("cannot open the file", [&] {
    return std::make_unique<sqlite::SqliteStore>(file_, small_file(vfs_, false, impatient));
  });
}

void Trial::note() {
  arm_(false);
  rows_ = dump_rows(file_);
  arm_(true);
}

// A group that changes no row.
void Trial::touch() {
  world_->apply({Control{.key = 400'000, .command = Command::pause}});
}

// The fault is mended: the same store takes the next group.
void Trial::go_on() {
  try {
    world_->on_durable({});
    world_->open_if_closed();
    touch();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "does not go on: " << error.what();
  }
  compare();
}

void Trial::compare() {
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

}  // namespace cairn::testing
