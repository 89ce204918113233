#include "tests/stress/watchdog.hpp"

#include "tests/crash/child.hpp"
#include "tests/crash/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

// Whoever looks after others has to see what they are to see.
namespace cairn::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class WatchdogTest : public ::testing::Test {
 protected:
  // What is said of a program of two threads that behaves like this.
  std::string watch(const std::string& how, const Patience& patience) {
    const Board board{folder_ / "board"};
    Child program{{CAIRN_STUCK_HOST, (folder_ / "board").string(), how}, folder_ / "out", folder_ / "err"};
    return Watchdog{board, patience}.watch(program, folder_.path());
  }

  Folder folder_;
};

TEST_F(WatchdogTest, ShowsTheStacksOfAProgramInWhichNothingReturns) {
  const std::string seen = watch("all", {.nothing_returns = 500ms, .one_call = 1h});
  EXPECT_THAT(seen, HasSubstr("no call has returned"));
  EXPECT_THAT(seen, HasSubstr("thread 1: wait for "));
  EXPECT_THAT(seen, HasSubstr("stand_still"))
      << "If eu-stack was not allowed to trace: a container needs the "
         "capability SYS_PTRACE for this test";
}

TEST_F(WatchdogTest, NamesTheOneCallThatDoesNotReturnWhileOthersDo) {
  const std::string seen = watch("one", {.nothing_returns = 1h, .one_call = 500ms});
  EXPECT_THAT(seen, HasSubstr("a call of thread 1 has not returned"));
  EXPECT_THAT(seen, HasSubstr("thread 1: destroy for "));
  EXPECT_THAT(seen, Not(HasSubstr("thread 2:")));
}

TEST_F(WatchdogTest, HasMorePatienceWithALongCall) {
  EXPECT_THAT(watch("long", {.nothing_returns = 200ms, .one_call = 200ms, .long_call = 1h}), IsEmpty());
}

TEST_F(WatchdogTest, EndsAProgramThatGoesOnForEver) {
  EXPECT_THAT(watch("none", {.life = 500ms}), HasSubstr("calls return, and it does not come to its end"));
}

TEST_F(WatchdogTest, LeavesAProgramAloneWhoseCallsReturn) {
  EXPECT_THAT(watch("none", {.nothing_returns = 500ms, .one_call = 500ms}), IsEmpty());
}

}  // namespace
}  // namespace cairn::testing
