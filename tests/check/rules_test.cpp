#include "check/rule.hpp"
#include "tests/check/damaged_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace cairn::testing {
namespace {

// A rule that cannot fail proves nothing: for each there is a damage that it must find.
struct Damage {
  const char* rule;
  const char* sql;
};

#define FIRST "(SELECT min(key) FROM instance)"

const std::vector<Damage>& damages() {
  static const std::vector<Damage> all{
      {"foreign-keys", "INSERT INTO version VALUES (99, 98, 't', 'x', 0)"},
      {"owner", "DELETE FROM owner"},
      {"owner", "UPDATE owner SET next_event = 0"},
      {"keys", "UPDATE owner SET next_key = 1"},
      {"event-numbers", "UPDATE owner SET next_event = 1"},
      {"epochs", "UPDATE instance SET epoch = 1000 WHERE key = " FIRST},
      {"clocks", "UPDATE instance SET clock = 1 WHERE key = " FIRST},
      {"clocks", "UPDATE step SET clock = -1 WHERE id = (SELECT min(id) FROM step)"},
      {"leaps", "INSERT INTO leap VALUES (1, 1, 5, 5)"},
      {"leaps", "UPDATE owner SET clock = 9; INSERT INTO leap VALUES (0, 1, 5, 5)"},
      {"leaps", "UPDATE owner SET clock = 9; INSERT INTO leap VALUES (3, 2, 5, 5)"},
      {"leaps", "UPDATE owner SET clock = 9; INSERT INTO leap VALUES (1, 2, 5, 6)"},
      {"leaps", "UPDATE owner SET clock = 9; INSERT INTO leap VALUES (1, 6, 5, 5), (4, 5, 7, 7)"},
      {"doubt", "UPDATE owner SET doubtful_since = 1, believed_until = 0"},
      {"doubt", "UPDATE owner SET clock = 3, doubtful_since = 0, believed_until = 0"},
      {"doubt", "UPDATE owner SET clock = 3, doubtful_since = 2"},
      {"doubt", "UPDATE owner SET believed_until = 5"},
      {"params-orphans", "INSERT INTO params VALUES (4000, '1')"},
      {"output-orphans", "INSERT INTO output VALUES (4000, '1', NULL, NULL)"},
      {"step-orphans", "UPDATE step SET id = id + (5000 << 24) WHERE id = (SELECT min(id) FROM step)"},
      {"event-orphans", "UPDATE event SET instance = 4000"},
      {"failure-orphans",
       "UPDATE failure SET step = (4000 << 24) + 1 WHERE step = (SELECT min(step) FROM failure)"},
      {"definition", "UPDATE instance SET version = 77 WHERE key = " FIRST},
      {"definition", "UPDATE instance SET workflow = 77 WHERE key = " FIRST},
      {"params", "DELETE FROM params WHERE key = " FIRST},
      {"params", "UPDATE params SET params = '{\"n\":}' WHERE key = " FIRST},
      {"params", "UPDATE params SET params = CAST(x'22ff22' AS TEXT) WHERE key = " FIRST},
      {"ids", "UPDATE instance SET id = '-x' WHERE key = " FIRST},
      {"ids", "UPDATE instance SET id = 'a b' WHERE key = " FIRST},
      {"starts", "UPDATE instance SET started = NULL WHERE status = 5"},
      {"ends", "UPDATE instance SET ended = NULL WHERE status = 5"},
      {"ends", "UPDATE instance SET ended = 5 WHERE status = 1"},
      {"expiry", "UPDATE instance SET expires = 7 WHERE status = 5"},
      {"expiry", "UPDATE instance SET expires = 7 WHERE status = 4"},
      {"outputs", "DELETE FROM output WHERE key IN (SELECT key FROM instance WHERE status = 5)"},
      {"errors",
       "UPDATE output SET error_name = NULL WHERE key IN (SELECT key FROM instance WHERE status = 3)"},
      {"early-outputs",
       "INSERT INTO output SELECT key, '1', NULL, NULL FROM instance WHERE status = 7 LIMIT 1"},
      {"pauses", "UPDATE instance SET paused_at = NULL WHERE status = 2"},
      {"pauses", "UPDATE instance SET paused_for = -1 WHERE key = " FIRST},
      {"wake-times", "UPDATE instance SET wake_at = 5 WHERE status = 5"},
      {"waiting-wakes",
       "UPDATE instance SET wake_at = NULL WHERE status = 7;"
       "UPDATE step SET kind = 1, event_type = NULL WHERE kind = 2 AND ended_seq IS NULL"},
      {"waiting-in-time", "UPDATE instance SET wake_at = wake_at + 1000000000000 WHERE status = 7"},
      {"waiting-in-time", "UPDATE instance SET wake_at = NULL WHERE status = 7"},
      {"waiting-in-time",
       "UPDATE owner SET clock = 9; UPDATE step SET clock = 3 WHERE due_fixed = 0;"
       "INSERT INTO leap VALUES (2, 4, -1000, -1000)"},
      {"waiting-idle",
       "UPDATE step SET kind = 0, due = NULL, event_type = NULL WHERE ended_seq IS NULL "
       "AND id >> 24 IN (SELECT key FROM instance WHERE status = 7)"},
      {"sequence", "UPDATE step SET ended_seq = id & 16777215 WHERE ended_seq IS NOT NULL"},
      {"sequence", "UPDATE step SET ended_seq = 90 WHERE ended_seq IS NOT NULL"},
      {"counts", "UPDATE step SET count = 2 WHERE id = (SELECT min(id) FROM step)"},
      {"attempts", "DELETE FROM failure"},
      {"attempts", "UPDATE step SET attempt = 0 WHERE id = (SELECT min(id) FROM step)"},
      {"retries",
       "UPDATE step SET config = '{\"retries\":{\"limit\":0}}' WHERE id IN (SELECT step FROM failure)"},
      {"results", "UPDATE step SET output = NULL WHERE ended_seq IS NOT NULL"},
      {"results", "UPDATE step SET output = '1' WHERE ended_seq IS NULL"},
      {"results", "UPDATE step SET output = 'one' WHERE output IS NOT NULL"},
      {"dues", "UPDATE step SET due = NULL WHERE kind = 1"},
      {"early", "UPDATE step SET due = ended + 1 WHERE kind = 1 AND ended IS NOT NULL"},
      {"waits", "UPDATE step SET event_type = 'x' WHERE kind = 0"},
      {"waits", "UPDATE step SET event_type = NULL WHERE kind = 2"},
      {"configs", "UPDATE step SET config = '{' WHERE kind = 0"},
      {"buffered", "UPDATE instance SET buffered = buffered + 1 WHERE key = " FIRST},
      {"buffered", "DELETE FROM event"},
      {"payloads", "UPDATE event SET payload = 'go'"},
      {"delivered",
       "INSERT INTO event SELECT 900, step.id >> 24, event_type, '1', 0 FROM step "
       "JOIN instance ON key = step.id >> 24 WHERE status = 7 AND kind = 2 AND ended_seq IS NULL LIMIT 1"},
      {"transition-triggers", "DROP TRIGGER transition_removed; UPDATE owner SET pid = 1"},
      {"transition-orphans", "UPDATE transition SET instance = 4000 WHERE instance = " FIRST},
      {"transition-numbers", "UPDATE transition SET number = number + 1 WHERE instance = " FIRST},
      {"transition-numbers", "DELETE FROM transition WHERE number = 2"},
      {"transition-numbers",
       "UPDATE transition SET number = 0 WHERE number = 1 "
       "AND instance IN (SELECT instance FROM transition GROUP BY instance HAVING count(*) = 2)"},
      {"transition-births", "UPDATE transition SET was = 1 WHERE number = 1 AND instance > " FIRST},
      {"transition-births", "UPDATE transition SET became = 7 WHERE was IS NULL"},
      {"transition-births", "UPDATE transition SET run = 2 WHERE was IS NULL"},
      {"transition-births", "DELETE FROM transition WHERE instance > " FIRST},
      {"transition-births", "UPDATE transition SET was = NULL WHERE number = 2"},
      {"transition-chain", "UPDATE transition SET was = 7 WHERE number = 2 AND was <> 7"},
      {"transition-chain", "UPDATE transition SET run = 3 WHERE number > 1"},
      {"transition-chain", "UPDATE transition SET run = 2 WHERE number = 2 AND became = 1"},
      {"transition-chain", "UPDATE transition SET was = NULL WHERE number = 2"},
      {"transition-chain", "UPDATE transition SET became = 1 WHERE was = 3 AND became = 0"},
      {"transition-table", "UPDATE transition SET became = 0 WHERE was = 1"},
      {"transition-table", "UPDATE transition SET was = 5 WHERE became = 1"},
      {"transition-table", "UPDATE transition SET became = 1 WHERE was = 1"},
      {"transition-table", "UPDATE transition SET epoch = 2 WHERE became = 6"},
      {"transition-ends", "UPDATE transition SET became = 5 WHERE became = 1"},
      {"transition-order", "UPDATE transition SET epoch = 1000"},
      {"transition-order", "UPDATE transition SET commit_seq = 1000"},
      {"transition-order", "UPDATE transition SET epoch = 0"},
      {"transition-order", "UPDATE transition SET commit_seq = 1 WHERE number > 1"},
      {"transition-order", "UPDATE owner SET epoch = 9; UPDATE transition SET epoch = 5 WHERE number = 1"},
      {"transition-groups",
       "UPDATE transition SET commit_seq = 2, time = 7; UPDATE transition SET epoch = 0 WHERE number = 1"},
      {"transition-groups", "UPDATE transition SET commit_seq = 2"},
      {"transition-last", "UPDATE instance SET status = 7 WHERE status = 1"},
      {"transition-last", "UPDATE instance SET run = 9 WHERE key = " FIRST},
      {"transition-last", "UPDATE transition SET epoch = 0 WHERE number = 1"},
      {"transition-last", "UPDATE transition SET time = 7 WHERE became = 5"},
      {"transition-last", "UPDATE instance SET created = 7 WHERE key = " FIRST},
  };
  return all;
}

#undef FIRST

TEST(Rules, EachFindsTheDamageThatItIsFor) {
  for (const Damage& damage : damages()) {
    SCOPED_TRACE(std::string{damage.rule} + ": " + damage.sql);
    DamagedFile file;
    EXPECT_GT(file.damage(damage.sql), 0) << "the file has no such row, so nothing was damaged";
    const CheckReport report = file.check();
    EXPECT_TRUE(finds(report, damage.rule)) << text(report);
    EXPECT_FALSE(report.sound());
  }
}

TEST(Rules, EachFindsTheSameDamageInAFileOfTheFirstFormat) {
  for (const Damage& damage : damages()) {
    const std::string sql = damage.sql;
    if (sql.find("clock") != std::string::npos || sql.find("leap") != std::string::npos ||
        sql.find("believed") != std::string::npos)
      continue;
    SCOPED_TRACE(std::string{damage.rule} + ": " + damage.sql);
    DamagedFile file{DamagedFile::Format::first};
    file.damage(damage.sql);
    EXPECT_TRUE(finds(file.check(), damage.rule));
  }
}

TEST(Rules, AScratchedPageIsFound) {
  std::size_t found = 0;
  DamagedFile whole;
  const std::size_t pages = std::filesystem::file_size(whole.path()) / 4096;
  for (std::size_t page = 1; page < pages; ++page) {
    DamagedFile file;
    file.scratch(page * 4096, std::string(64, '\xff'));
    if (!file.check().sound()) ++found;
  }
  EXPECT_GE(found + 2, pages - 1) << "free pages and the map of pages may be left out";
}

TEST(Rules, StandInTheManual) {
  std::ifstream in{std::filesystem::path{CAIRN_DOCS} / "checking.md"};
  const std::string page{std::istreambuf_iterator<char>{in}, {}};
  for (const auto& part : {check::rules_of_files(), check::rules_of_instances(), check::rules_of_steps(),
                           check::rules_of_events(), check::rules_of_transitions()}) {
    for (const check::Rule& rule : part) {
      const std::string line = std::string{"| `"} + rule.name + "` | " + rule.claim + " |\n";
      EXPECT_NE(page.find(line), std::string::npos) << line;
    }
  }
}

TEST(Rules, EveryRuleHasADamage) {
  std::set<std::string> covered{"integrity", "acknowledged"};  // above, and in lock_file_test.cpp
  for (const Damage& damage : damages()) covered.insert(damage.rule);
  std::set<std::string> all;
  for (const auto& part : {check::rules_of_files(), check::rules_of_instances(), check::rules_of_steps(),
                           check::rules_of_events(), check::rules_of_transitions()}) {
    for (const check::Rule& rule : part)
      EXPECT_TRUE(all.insert(rule.name).second) << rule.name << " stands twice";
  }
  EXPECT_EQ(covered, all);
}

}  // namespace
}  // namespace cairn::testing
