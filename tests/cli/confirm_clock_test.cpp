#include "tests/cli/cli_fixture.hpp"

#include <gmock/gmock.h>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class CliConfirmClockTest : public CliTest {
 protected:
  [[nodiscard]] Ran confirm() const { return run({"confirm-clock", file().string()}); }
};

TEST_F(CliConfirmClockTest, IsBelievedByWhoeverOpensTheFileNext) {
  make_file({"a"}, wall_clock() + 24h);
  EXPECT_EQ(run({"sweep", file().string()}).status, 2) << "the clock stands a day before what was stored";
  const Ran ran = confirm();
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, StartsWith(file().string() + ": the clock is right at 20"));
  EXPECT_EQ(run({"sweep", file().string()}).status, 0);
}

TEST_F(CliConfirmClockTest, IsRefusedWhileAnEngineOwnsTheFile) {
  make_file({"a"});
  const std::unique_ptr<Engine> engine = open();
  const Ran ran = confirm();
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("is owned by process"));
}

TEST_F(CliConfirmClockTest, MakesNoFile) {
  EXPECT_EQ(confirm().status, 1);
  EXPECT_FALSE(std::filesystem::exists(file()));
}

}  // namespace
}  // namespace cairn::testing
