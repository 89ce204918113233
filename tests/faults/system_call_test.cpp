// The question: is the store whole after every call of the operating system that fails for once? `io_error`
// fails what SQLite asks of its VFS; here fails what that, and cairn itself, ask of the kernel. Between the
// two SQLite has answers of its own: what it cannot open for writing it opens for reading, a lock that it
// cannot give back it keeps. They must not outlast the fault.

#include "tests/counts.hpp"
#include "tests/faults/small_file.hpp"
#include "tests/faults/system_calls.hpp"
#include "tests/faults/table_dump.hpp"
#include "tests/faults/trial.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <iostream>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::testing {
namespace {

// Calls that fail once: a flush or a write first, when that is planned, and call `k` after it.
class FailingCalls {
 public:
  FailingCalls() {
    SystemCalls::set_judge([this](const SystemCall& call) { return judge(call); });
  }
  ~FailingCalls() {
    SystemCalls::arm(false);
    SystemCalls::set_judge({});
  }
  FailingCalls(const FailingCalls&) = delete;
  FailingCalls& operator=(const FailingCalls&) = delete;

  void plan(std::size_t k) { *this = Plan{.k = k}; }
  // `first` is "sync" or "pwrite", and it is the call of that name with this number.
  void plan_after(std::string first, std::size_t number, std::size_t k = never) {
    *this = Plan{.first = std::move(first), .number = number, .k = k};
  }
  // The first time after it that a file whose name ends so is opened for writing.
  void plan_opening_after(std::string first, std::string file) {
    *this = Plan{.first = std::move(first), .opened = std::move(file)};
  }

  [[nodiscard]] bool first_failed() const { return first_failed_; }
  // The name of the call that failed; none: it was not reached.
  [[nodiscard]] const std::optional<std::string>& failed() const { return failed_; }

 private:
  static constexpr std::size_t never = std::numeric_limits<std::size_t>::max();
  struct Plan {
    std::string first = {};  // none: it has failed already
    std::size_t number = 0;
    std::size_t k = 0;
    std::string opened = {};
  };

  FailingCalls& operator=(Plan plan) {
    plan_ = std::move(plan);
    firsts_ = 0;
    calls_ = 0;
    first_failed_ = plan_.first.empty();
    failed_.reset();
    return *this;
  }

  int judge(const SystemCall& call) {
    if (!first_failed_) {
      if (!call.name.ends_with(plan_.first) || firsts_++ != plan_.number) return 0;
      first_failed_ = true;
      return EIO;  // after a full disk nothing would be read back
    }
    if (failed_ || !is_it(call)) return 0;
    failed_ = call.name;
    return passing_error(call);
  }

  bool is_it(const SystemCall& call) {
    if (plan_.opened.empty()) return calls_++ == plan_.k;
    return call.name == "open" && call.writes && call.file.ends_with(plan_.opened);
  }

  Plan plan_;
  std::size_t firsts_ = 0;
  std::size_t calls_ = 0;
  bool first_failed_ = true;
  std::optional<std::string> failed_;
};

using Counts = std::map<std::string, std::size_t>;

void print(std::string_view what, std::size_t runs, const Counts& failed) {
  std::cout << "system_call " << what << ": " << runs << " runs";
  for (const auto& [call, count] : failed) std::cout << ", " << call << ' ' << count;
  std::cout << '\n';
}

// Another one shifts which of the calls fail.
std::size_t fault_seed() {
  return number_from("CAIRN_FAULT_SEED", 0);
}

class SystemCallTest : public ::testing::TestWithParam<Operation> {
 protected:
  // One run: what was told must be true, and the store goes on.
  void run() {
    Trial trial{"", SystemCalls::arm};
    trial.play(GetParam());
    if (!calls_.failed()) return;
    trial.look();
    ++failed_[*calls_.failed()];
    ++runs_;
  }

  FailingCalls calls_;
  Counts failed_;
  std::size_t runs_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Operations, SystemCallTest, ::testing::ValuesIn(operations_and_the_file()),
                         [](const auto& one) { return std::string{one.param.name}; });

TEST_P(SystemCallTest, ThatFailsOnceLeavesAStoreThatGoesOn) {
  const std::size_t stride = fault_stride();
  for (std::size_t k = (GetParam().name.size() + fault_seed()) % stride;; k += stride) {
    SCOPED_TRACE("call " + std::to_string(k));
    calls_.plan(k);
    run();
    if (!calls_.failed() || HasFailure()) break;
  }
  print(GetParam().name, runs_, failed_);
  tell_count("runs", runs_);
  EXPECT_GT(runs_ * stride, 150U);
}

TEST_P(SystemCallTest, ThatFailsOnceWhileItRecoversLeavesAStoreThatGoesOn) {
  const std::size_t stride = 6 * fault_stride();
  for (std::size_t flush = 0; !HasFailure(); ++flush) {
    for (std::size_t k = (GetParam().name.size() + flush + fault_seed()) % stride;; k += stride) {
      SCOPED_TRACE("flush " + std::to_string(flush) + ", then call " + std::to_string(k));
      calls_.plan_after("sync", flush, k);
      run();
      if (!calls_.failed() || HasFailure()) break;
    }
    if (!calls_.first_failed()) break;
  }
  print(std::string{GetParam().name} + ", in a recovery", runs_, failed_);
  tell_count("runs in a recovery", runs_);
  EXPECT_GT(runs_, 0U);
}

// The first recovery leaves an empty log behind, so that the second one needs to write nothing: it does not
// find out by itself what it could not open for writing.
TEST_P(SystemCallTest, ThatFailsOnceWhileItRecoversAgainLeavesAStoreThatGoesOn) {
  const std::size_t stride = fault_stride();
  const std::size_t flush_of_first_group = GetParam().makes_its_file ? 10 : 2;
  for (std::size_t k = (GetParam().name.size() + fault_seed()) % stride;; k += stride) {
    SCOPED_TRACE("call " + std::to_string(k));
    Trial trial{"", SystemCalls::arm};
    calls_.plan_after("sync", flush_of_first_group);
    trial.play(GetParam());
    ASSERT_EQ(trial.told(), "store_failed") << "this flush was no group's";
    calls_.plan_after("pwrite", 0, k);
    trial.stumble();
    if (!calls_.failed()) break;
    trial.look();
    ++failed_[*calls_.failed()];
    ++runs_;
    if (HasFailure()) break;
  }
  print(std::string{GetParam().name} + ", in a second recovery", runs_, failed_);
  tell_count("runs in a second recovery", runs_);
  EXPECT_GT(runs_, 0U);
}

class ReopeningTest : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(
    Files, ReopeningTest, ::testing::Values("store.db", "store.db-wal", "store.db-shm"), [](const auto& one) {
      const std::string_view file = one.param;
      return std::string{file.ends_with("wal") ? "Log" : file.ends_with("shm") ? "Index" : "Database"};
    });

// SQLite opens for reading what it cannot open for writing.
TEST_P(ReopeningTest, OpensAgainForWritingWhatCouldOnlyBeOpenedForReading) {
  const Folder folder;
  World world{[&](const SqliteOptions& options) {
    return std::make_unique<sqlite::SqliteStore>(folder / "store.db", small_file("", false, options));
  }};
  world.apply({world.batch(3)});
  const Change again = world.definition("orders", "1");
  FailingCalls calls;
  SystemCalls::arm(true);
  calls.plan_after("pwrite", 0);
  EXPECT_THROW(world.apply({again}), Error);  // and the log is empty after the recovery
  calls.plan_opening_after("pwrite", GetParam());
  EXPECT_THROW(world.apply({again}), Error);
  SystemCalls::arm(false);
  ASSERT_TRUE(calls.first_failed());
  ASSERT_TRUE(calls.failed()) << "the recovery has opened nothing";
  for (int group = 0; group < 3; ++group) EXPECT_NO_THROW(world.apply({again}));
}

// What a killed owner leaves: a file, its log, and the mark in its lock file.
class LeftBehind {
 public:
  LeftBehind() {
    const Folder folder;
    World world{[&](const SqliteOptions& options) {
      return std::make_unique<sqlite::SqliteStore>(folder / "store.db", small_file("", false, options));
    }};
    for (int group = 0; group < 5; ++group) world.apply({world.batch(3)});
    for (const char* end : {"", "-wal", ".lock"})
      std::filesystem::copy_file(folder / (std::string{"store.db"} + end),
                                 left_ / (std::string{"store.db"} + end));
    rows_ = dump_rows(folder / "store.db");
  }

  void lay_into(const Folder& folder) const {
    for (const char* end : {"", "-wal", ".lock"})
      std::filesystem::copy_file(left_ / (std::string{"store.db"} + end),
                                 folder / (std::string{"store.db"} + end));
  }
  [[nodiscard]] const std::string& rows() const { return rows_; }

 private:
  Folder left_;
  std::string rows_;
};

TEST(OpeningTest, AfterAKillWorksOnceACallThatFailedWorksAgain) {
  const LeftBehind left;
  FailingCalls calls;
  Counts failed;
  std::size_t runs = 0;
  const std::size_t stride = fault_stride();
  for (std::size_t k = fault_seed() % stride;; k += stride) {
    SCOPED_TRACE("call " + std::to_string(k));
    const Folder folder;
    left.lay_into(folder);
    calls.plan(k);
    SystemCalls::arm(true);
    try {
      const auto store = open_sqlite(folder / "store.db");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Errc::store_failed) << *calls.failed() << ": " << error.what();
    }
    SystemCalls::arm(false);
    if (!calls.failed()) break;
    ++failed[*calls.failed()];
    ++runs;
    EXPECT_NO_THROW(static_cast<void>(open_sqlite(folder / "store.db"))) << *calls.failed();
    EXPECT_EQ(dump_rows(folder / "store.db"), left.rows());
    if (HasFailure()) break;
  }
  print("opening after a kill", runs, failed);
  EXPECT_GT(runs * stride, 100U);
}

}  // namespace
}  // namespace cairn::testing
