// The question: does the kernel get one flush of the log for each group, and each of them before anybody is
// told? Here nothing of cairn is asked: the answer is in the system calls.

#include "tests/crash/child.hpp"
#include "tests/crash/folder.hpp"
#include "tests/crash/ledger.hpp"
#include "tests/crash/strace_log.hpp"

#include <cairn/open.hpp>
#include <cairn/store.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

constexpr std::size_t acknowledgements = 80 * 5;  // instances, and what is promised of each

class Durability : public ::testing::Test {
 protected:
  // Fails, and does not skip, where programs may not be traced: a promise that was not looked at is not kept.
  void trace() {
    const std::string strace = "/usr/bin/strace";
    ASSERT_TRUE(std::filesystem::exists(strace)) << "strace is missing: scripts/deps test installs it";
    // A leak check at the end of the program would need to trace it a second time.
    const std::vector<std::string> command{strace,
                                           "-f",
                                           "-y",
                                           "-qq",
                                           "--string-limit=131072",
                                           "--trace=pwrite64,fsync,fdatasync,write",
                                           "--env=ASAN_OPTIONS=detect_leaks=0",
                                           "--output=" + log_file().string(),
                                           CAIRN_DURABILITY_HOST,
                                           database().string()};
    Child child{command, lines(), folder_ / "err"};
    const auto end = child.wait(120s);
    ASSERT_TRUE(end) << "it hangs";
    ASSERT_EQ(to_string(*end), "exit status 0") << errors()
                                                << "\nIf strace was not allowed to trace: a container "
                                                   "needs the capability SYS_PTRACE for this test";
    std::ifstream log{log_file()};
    calls_ = parse_strace(log);
  }

  [[nodiscard]] std::filesystem::path database() const { return folder_ / "state.db"; }
  [[nodiscard]] std::filesystem::path lines() const { return folder_ / "out"; }
  [[nodiscard]] const std::vector<SystemCall>& calls() const { return calls_; }

 private:
  [[nodiscard]] std::filesystem::path log_file() const { return folder_ / "strace"; }
  [[nodiscard]] std::string errors() const {
    std::string text;
    for (const std::string& line : read_lines(folder_ / "err")) text += line + "\n";
    return text;
  }

  Folder folder_;
  std::vector<SystemCall> calls_;
};

TEST_F(Durability, OneFlushOfTheLogForEachGroupAndNoneTooLate) {
  trace();
  if (HasFatalFailure()) return;

  EXPECT_EQ(count_acknowledgements(calls(), lines()), acknowledgements);
  EXPECT_THAT(acknowledged_too_early(calls(), database(), lines()), IsEmpty());

  const Flushes flushes = count_flushes(calls(), database());
  const std::int64_t groups = open_sqlite(database())->ownership().commit_seq;
  EXPECT_EQ(flushes.transactions, groups + 1) << "each group, and taking the ownership";
  EXPECT_GE(flushes.database, 2) << "the log was meant to be moved into the file while the program ran";
  EXPECT_EQ(flushes.before_checkpoints, flushes.database) << "a checkpoint flushes the log, then the file";
  EXPECT_GE(flushes.log_headers, 2);
  EXPECT_LE(flushes.log_headers, flushes.database) << "only a checkpoint lets the log begin anew";
  std::cout << acknowledgements << " acknowledgements, " << groups
            << " groups; flushes: " << flushes.transactions << " for transactions, " << flushes.log_headers
            << " for headers of the log, " << flushes.before_checkpoints << " + " << flushes.database
            << " for checkpoints\n";
}

}  // namespace
}  // namespace cairn::testing
