#include "tests/cli/cli_fixture.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace cairn::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class CliCheckTest : public CliTest {
 protected:
  [[nodiscard]] Ran check(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"check", file().string()});
    return run(more);
  }

  void damage(const char* sql) const { SQLite::Database{file().string(), SQLite::OPEN_READWRITE}.exec(sql); }
};

TEST_F(CliCheckTest, SaysThatAFileIsSoundAndWhatItLookedAt) {
  make_file({"a", "b"});
  const auto before = contents(folder());
  const Ran ran = check();
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("store.db: sound (2 instances, 0 steps, 0 events, "));
  EXPECT_EQ(contents(folder()), before);
}

TEST_F(CliCheckTest, WorksWhileAnEngineOwnsTheFile) {
  const std::unique_ptr<Engine> engine = open();
  EXPECT_EQ(check().status, 0);
}

TEST_F(CliCheckTest, NamesWhatIsWrongWhereAndFailsThen) {
  make_file({"a", "b"});
  damage("DELETE FROM params WHERE key = 2");
  const Ran ran = check();
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, HasSubstr("params: instance 2 has no params\n"));
  EXPECT_THAT(ran.out, EndsWith(" rules)\n"));
  EXPECT_THAT(ran.out, HasSubstr("store.db: 1 violation (2 instances"));
  EXPECT_EQ(ran.err, "");
}

TEST_F(CliCheckTest, GivesItsFindingsAsJson) {
  make_file({"a"});
  damage("DELETE FROM params WHERE key = 1");
  const Ran ran = check({"--json"});
  EXPECT_EQ(ran.status, 1);
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_EQ(json.at("sound"), false);
  EXPECT_EQ(json.at("violations"), 1);
  EXPECT_EQ(json.at("findings").at(0).at("rule"), "params");
  EXPECT_EQ(json.at("findings").at(0).at("subject"), "instance 1");
}

TEST_F(CliCheckTest, TellsThatTheLogOfAKilledOwnerIsMissing) {
  const std::unique_ptr<Engine> engine = open();
  engine->workflow("audits").create({.params = nullptr});
  const std::filesystem::path left = folder() / "left.db";
  for (const char* suffix : {"", ".lock"})
    std::filesystem::copy_file(file().string() + suffix, left.string() + suffix);
  const Ran ran = run({"check", left.string()});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, HasSubstr("acknowledged: holds less than was acknowledged"));
  EXPECT_THAT(ran.out, HasSubstr("left.db: 1 violation"));
}

TEST_F(CliCheckTest, RefusesWhatIsNoCairnFile) {
  write_text(file(), std::string(10'000, 'x'));
  const Ran ran = check();
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("store.db"));
}

}  // namespace
}  // namespace cairn::testing
