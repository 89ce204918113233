#include "tests/cli/cli_fixture.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace cairn::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class CliListTest : public CliTest {
 protected:
  [[nodiscard]] Ran list(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"list", file().string()});
    return run(more);
  }
};

TEST_F(CliListTest, ShowsTheNewestFirstInColumns) {
  make_file({"first", "second"});
  const Ran ran = list();
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.err, "");
  EXPECT_THAT(ran.out, StartsWith("STATUS      AGE  WORKFLOW  ID\nterminated  "));
  EXPECT_LT(ran.out.find("second"), ran.out.find("first"));
}

TEST_F(CliListTest, ALineWithAGeneratedIdFitsATerminal) {
  open()->workflow("audits").create({.params = nullptr});
  const Ran ran = list();
  EXPECT_LE(ran.out.find('\n', ran.out.find('\n') + 1) - ran.out.find('\n') - 1, 80U) << ran.out;
}

TEST_F(CliListTest, WorksWhileAnEngineOwnsTheFileAndSeesWhatItHasCommitted) {
  const std::unique_ptr<Engine> engine = open();
  engine->workflow("audits").create({.id = "mine", .params = nullptr});
  const Ran ran = list();
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("queued"));
  EXPECT_THAT(ran.out, HasSubstr("mine"));
  engine->workflow("audits").create({.id = "after", .params = nullptr});
  EXPECT_THAT(list().out, HasSubstr("after"));
}

TEST_F(CliListTest, RefusesWhatAKilledOwnerHasLeftWithoutItsLog) {
  const std::unique_ptr<Engine> engine = open();
  engine->workflow("audits").create({.params = nullptr});
  const std::filesystem::path left = folder() / "left.db";
  for (const char* suffix : {"", ".lock"})
    std::filesystem::copy_file(file().string() + suffix, left.string() + suffix);
  const Ran ran = run({"list", left.string()});
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, AllOf(HasSubstr("holds less than was acknowledged"), HasSubstr("put it back")));
}

TEST_F(CliListTest, ChangesNothing) {
  make_file({"first"});
  const auto before = contents(folder());
  EXPECT_EQ(list().status, 0);
  EXPECT_EQ(contents(folder()), before);
}

TEST_F(CliListTest, FiltersByWorkflowAndStatus) {
  {
    const std::unique_ptr<Engine> engine = open();
    engine->workflow("audits").create({.id = "ended", .params = nullptr}).terminate();
    engine->workflow("audits").create({.id = "waits", .params = nullptr});
  }
  EXPECT_THAT(list({"--status", "queued"}).out, AllOf(HasSubstr("waits"), Not(HasSubstr("ended"))));
  EXPECT_THAT(list({"--workflow", "audits"}).out, AllOf(HasSubstr("waits"), HasSubstr("ended")));
  EXPECT_EQ(list({"--status", "complete"}).out, "no instances\n");
}

TEST_F(CliListTest, SaysThatThereIsMore) {
  make_file({"a", "b", "c"});
  EXPECT_THAT(list({"--limit", "2"}).out, AllOf(HasSubstr("--limit"), Not(HasSubstr("  a\n"))));
  EXPECT_THAT(list({"--limit", "3"}).out, Not(HasSubstr("--limit")));
}

TEST_F(CliListTest, GivesJsonWithEverythingThatAProgramMayAsk) {
  make_file({"a", "b"});
  const Ran ran = list({"--json", "--limit", "1"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  const auto page = nlohmann::json::parse(ran.out);
  EXPECT_EQ(page.at("more"), true);
  ASSERT_EQ(page.at("instances").size(), 1U);
  const nlohmann::json& instance = page.at("instances")[0];
  EXPECT_EQ(instance.at("id"), "b");
  EXPECT_EQ(instance.at("workflow"), "audits");
  EXPECT_EQ(instance.at("version"), "1");
  EXPECT_EQ(instance.at("status"), "terminated");
  EXPECT_EQ(instance.at("run"), 1);
  EXPECT_TRUE(parse_iso8601(instance.at("expires").get<std::string>()));
  EXPECT_TRUE(instance.at("started").is_null());
}

TEST_F(CliListTest, TellsParkedInstancesFromPausedOnesByTheirErrors) {
  {
    const std::unique_ptr<Engine> engine = open();
    engine->workflow("audits").create({.id = "stands", .params = nullptr}).pause();
    engine->workflow("audits").create({.id = "parked", .params = nullptr});
  }
  {
    const std::unique_ptr<Store> store = open_sqlite(file());
    const ErrorRecord error{"NonDeterminism", "the workflow asks for\n" + std::string(200, 'x')};
    const std::vector<Change> park{Advance{.key = 2, .leave = Cause::park, .error = error}};
    ASSERT_TRUE(std::get<Advanced>(store->apply(park, wall_clock()).at(0)).continued);
  }
  const Ran ran = list();
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr("ID      ERROR\n"), HasSubstr("stands  -\n"),
                    HasSubstr("parked  NonDeterminism: the workflow asks for xxx"), HasSubstr("x…\n")));
  const auto page = nlohmann::json::parse(list({"--json"}).out);
  EXPECT_EQ(page.at("instances")[0].at("error").at("name"), "NonDeterminism");
  EXPECT_THAT(page.at("instances")[0].at("error").at("message").get<std::string>(), HasSubstr("for\nxxx"));
  EXPECT_TRUE(page.at("instances")[1].at("error").is_null());
}

TEST_F(CliListTest, AnUnknownWorkflowIsNoEmptyList) {
  make_file({});
  const Ran ran = list({"--workflow", "orders"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("has no workflow \"orders\""));
}

TEST_F(CliListTest, AFileThatCannotBeReadIsNamedAndNothingIsPrinted) {
  const auto refused = [&](const std::string& why) {
    const Ran ran = list();
    EXPECT_EQ(ran.status, 1);
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, AllOf(StartsWith("cairn: " + file().string()), HasSubstr(why)));
  };
  refused("does not exist");
  EXPECT_TRUE(contents(folder()).empty());
  write_text(file(), "");
  refused("is empty");
  write_text(file(), "nonsense, and a good deal more of it than a header has");
  refused("is no SQLite database");
  std::filesystem::remove(file());
  std::filesystem::create_directory(file());
  refused("is a folder");
}

TEST_F(CliListTest, ANewerFileIsLeftAlone) {
  make_file({"a"});
  std::string bytes = read_text(file());
  bytes[63] = 99;  // user_version
  write_text(file(), bytes);
  const Ran ran = list();
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("has format 99"));
  EXPECT_EQ(read_text(file()), bytes);
}

TEST_F(CliListTest, AReadOnlyFileCanBeListed) {
  make_file({"a"});
  std::filesystem::permissions(file(), std::filesystem::perms::owner_read);
  const Ran ran = list();
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("audits    a\n"));
}

}  // namespace
}  // namespace cairn::testing
