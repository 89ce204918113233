#include "tests/cli/cli_fixture.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <unistd.h>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class CliSweepTest : public CliTest {
 protected:
  [[nodiscard]] Ran sweep(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"sweep", file().string()});
    return run(more);
  }

  [[nodiscard]] bool holds(const std::string& id) const {
    return open()->workflow("audits").find(id).has_value();
  }
};

TEST_F(CliSweepTest, DeletesWhatHasExpiredAndSaysSo) {
  make_file({"a", "b"}, wall_clock() - 10s);
  const Ran ran = sweep();
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr(": deleted 2 instances with 0 steps and 0 events\n"));
  EXPECT_FALSE(holds("a"));
  EXPECT_THAT(sweep().out, HasSubstr(": nothing has expired\n"));
}

TEST_F(CliSweepTest, GivesTheSpaceOfWhatItDeletesBackToTheFileSystem) {
  {
    const std::unique_ptr<Engine> engine = open(wall_clock() - 10s);
    NewInstance<json> large{.params = std::string(1'000'000, 'x'), .retention = {.error = 1s}};
    for (int i = 0; i < 12; ++i) engine->workflow("audits").create(large).terminate();
  }
  EXPECT_GT(std::filesystem::file_size(file()), 11'000'000U);
  EXPECT_THAT(sweep().out, HasSubstr(": deleted 12 instances"));
  EXPECT_LT(std::filesystem::file_size(file()), 5'000'000U);
}

TEST_F(CliSweepTest, KeepsWhatHasNotExpired) {
  make_file({"a"}, wall_clock() + 60s);
  EXPECT_THAT(sweep().out, HasSubstr(": nothing has expired\n"));
  EXPECT_TRUE(holds("a"));
}

TEST_F(CliSweepTest, GivesItsCountsAsJson) {
  make_file({"a"}, wall_clock() - 10s);
  EXPECT_EQ(nlohmann::json::parse(sweep({"--json"}).out),
            nlohmann::json::parse(R"({"instances": 1, "steps": 0, "events": 0})"));
}

TEST_F(CliSweepTest, IsRefusedWhileAnEngineOwnsTheFile) {
  make_file({"a"}, wall_clock() - 10s);
  const std::unique_ptr<Engine> engine = open();
  const Ran ran = sweep();
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("is owned by process " + std::to_string(::getpid())));
  EXPECT_TRUE(engine->workflow("audits").find("a"));
}

TEST_F(CliSweepTest, AClockFarFromTheTimeLastStoredDeletesNothing) {
  make_file({"a"}, wall_clock() - 24h * 800);
  const Ran ran = sweep();
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("nothing was deleted"), HasSubstr("--confirm-clock")));
  EXPECT_THAT(sweep({"--confirm-clock"}).out, HasSubstr("deleted 1 instance "));
}

TEST_F(CliSweepTest, AMissingFileIsNotMade) {
  const Ran ran = sweep();
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, AllOf(StartsWith("cairn: "), HasSubstr("does not exist")));
  EXPECT_TRUE(contents(folder()).empty());
}

TEST_F(CliSweepTest, AnythingElseThanACairnFileIsLeftAlone) {
  write_text(file(), "nonsense, and a good deal more of it than a header has");
  const auto before = contents(folder());
  const Ran ran = sweep();
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("is no SQLite database"));
  EXPECT_EQ(contents(folder()), before);
}

TEST_F(CliSweepTest, ANewerFileIsLeftAlone) {
  make_file({"a"});
  std::string bytes = read_text(file());
  bytes[63] = 99;  // user_version
  write_text(file(), bytes);
  const Ran ran = sweep();
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("has format 99"));
  EXPECT_EQ(read_text(file()), bytes);
}

TEST_F(CliSweepTest, AReadOnlyFileIsNamedAsSuch) {
  make_file({"a"});
  std::filesystem::permissions(file(), std::filesystem::perms::owner_read);
  const Ran ran = run({"sweep", file().string()}, As::nobody);
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("cannot be written"));
}

}  // namespace
}  // namespace cairn::testing
