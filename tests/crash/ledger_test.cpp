// The question: is every effect there, and none again after its result was recorded, however often the
// program is killed?

#include "tests/counts.hpp"
#include "tests/crash/child.hpp"
#include "tests/crash/folder.hpp"
#include "tests/crash/kills.hpp"
#include "tests/crash/ledger_check.hpp"
#include "tests/crash/ledger_workflows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <iostream>
#include <random>
#include <string>
#include <vector>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

struct Point {
  const char* name;
  int visits_max;  // it dies at one of the first so many visits
};

constexpr std::array points{
    Point{"opened", 1},         Point{"before_commit", 60},        Point{"defined", 1},
    Point{"after_commit", 60},  Point{"body_begun", 40},           Point{"started", 1},
    Point{"before_batch", 6},   Point{"effect_written", 40},       Point{"after_batch", 6},
    Point{"before_commit", 12}, Point{"after_acknowledgement", 6}, Point{"after_commit", 12},
    Point{"event_sent", 2},     Point{"before_stop", 1},           Point{"after_stop", 1},
};
constexpr int rounds_at_first = 3;
constexpr std::chrono::microseconds longest_life = 80ms;

class LedgerTest : public ::testing::Test {
 protected:
  // One life of the program: ended by itself, or killed at a moment that chance chooses. Every second kill is
  // at a named point, so that each of them is met whatever the machine's speed.
  End live(int life) {
    std::vector<std::string> command{CAIRN_LEDGER_HOST, folder_.path(),
                                     std::to_string(rounds_at_first + life)};
    const bool at_a_point = life % 2 == 0;
    if (at_a_point) {
      const Point& point = points[static_cast<std::size_t>(life / 2) % points.size()];
      command.push_back(std::string{point.name} + ":" + std::to_string(chance(1, point.visits_max)));
    }
    Child host{command, folder_ / "out", folder_ / "err"};
    const auto patience = at_a_point ? std::chrono::microseconds{30s}
                                     : std::chrono::microseconds{chance(0, longest_life.count())};
    if (const auto end = host.wait(patience)) return *end;
    if (at_a_point) ADD_FAILURE() << "it hangs: " << command.back();
    return host.kill();
  }

  End live_to_the_end(int life) {
    Child host{{CAIRN_LEDGER_HOST, folder_.path(), std::to_string(rounds_at_first + life)},
               folder_ / "out",
               folder_ / "err"};
    return host.wait(60s).value_or(End{.status = std::nullopt, .signal = SIGSTOP});
  }

  void expect_promises_kept() {
    const std::vector<Line> ledger = read_ledger(folder_ / "ledger");
    const auto [faults, record] = read_remains(folder_ / "state.db", folder_ / "aside");
    EXPECT_THAT(faults, IsEmpty());
    EXPECT_THAT(LedgerCheck::compare(ledger, record), IsEmpty());
    EXPECT_THAT(check_.remember(ledger, record), IsEmpty());
    EXPECT_THAT(LedgerCheck::acknowledged(read_appended(folder_ / "journal"), record), IsEmpty());
  }

  void expect_all_done(int life) {
    const Record record = read_remains(folder_ / "state.db", folder_ / "aside").record;
    const auto rounds = static_cast<std::size_t>(rounds_at_first + life);
    EXPECT_EQ(record.size(), rounds * LedgerWorkflows::names().size() * 2);
    std::size_t bodies = 0;
    std::size_t cut_off = 0;
    for (const auto& [id, history] : record) {
      EXPECT_EQ(history.row.status, Status::complete) << id;
      const auto is_body = [](const StepRow& step) { return step.kind == StepKind::step && !step.error; };
      const auto done = std::count_if(history.steps.begin(), history.steps.end(), is_body);
      EXPECT_EQ(done, LedgerWorkflows::expected_bodies(id.substr(0, id.find('-')))) << id;
      bodies += static_cast<std::size_t>(done);
      for (const StepRow& step : history.steps) cut_off += static_cast<std::size_t>(step.crashes);
    }
    EXPECT_GT(cut_off, 0U) << "no body was ever cut off: the kills came too early or too late";
    std::cout << record.size() << " instances, " << bodies << " steps, " << cut_off
              << " attempts cut off by a kill, " << read_ledger(folder_ / "ledger").size()
              << " lines in the ledger\n";
  }

  [[nodiscard]] std::string errors() const {
    std::string text;
    for (const std::string& line : read_lines(folder_ / "err")) text += line + "\n";
    return text;
  }

  std::uint64_t seed = crash_seed();

 private:
  std::int64_t chance(std::int64_t from, std::int64_t to) {
    return std::uniform_int_distribution<std::int64_t>{from, to}(random_);
  }

  Folder folder_;
  std::mt19937_64 random_{seed};
  LedgerCheck check_;
};

TEST_F(LedgerTest, HasEveryEffectAndNoneAfterItsResultWasRecorded) {
  const int wanted = static_cast<int>(crash_kills());
  std::cout << "seed " << seed << " (CAIRN_CRASH_SEED), " << wanted << " kills\n";
  int kills = 0;
  int life = 0;
  for (; kills < wanted && life < 3 * wanted; ++life) {
    const End end = live(life);
    if (end == End{.status = std::nullopt, .signal = SIGKILL}) {
      ++kills;
    } else {
      ASSERT_EQ(to_string(end), "exit status 0") << "seed " << seed << ", life " << life << ": " << errors();
    }
    expect_promises_kept();
    if (HasFailure()) FAIL() << "seed " << seed << ", life " << life;
  }
  EXPECT_EQ(kills, wanted);
  ASSERT_EQ(to_string(live_to_the_end(life)), "exit status 0") << errors();
  expect_promises_kept();
  expect_all_done(life);
  std::cout << kills << " kills in " << life << " lives\n";
  tell_count("kills", static_cast<std::uint64_t>(kills));
}

}  // namespace
}  // namespace cairn::testing
