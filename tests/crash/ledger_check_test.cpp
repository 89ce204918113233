// The checker must see what it is there to see.

#include "tests/crash/ledger_check.hpp"

#include "tests/crash/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace cairn::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Line line(Line::Kind kind, int attempt = 1, const std::string& step = "a-1") {
  return {kind, "x", step, attempt, "key of " + step};
}
Line begun(int attempt = 1, const std::string& step = "a-1") {
  return line(Line::Kind::begun, attempt, step);
}
Line effect(int attempt = 1, const std::string& step = "a-1") {
  return line(Line::Kind::effect, attempt, step);
}

StepRow step(std::int32_t attempt, std::optional<Sequence> ended_seq = std::nullopt, Sequence started_seq = 1,
             const std::string& name = "a") {
  StepRow row;
  row.started_seq = started_seq;
  row.name = name;
  row.attempt = attempt;
  row.ended_seq = ended_seq;
  return row;
}
StepRow after_crash(StepRow row) {
  row.failures.push_back({.interrupted = true});
  return row;
}

Record record(std::vector<StepRow> steps) {
  History history;
  history.row.id = "x";
  history.row.status = Status::running;
  history.steps = std::move(steps);
  return {{"x", history}};
}

TEST(LedgerCheck, AHealthyHistoryHasNoFault) {
  EXPECT_THAT(LedgerCheck::compare({begun(), effect()}, record({step(1, 2)})), IsEmpty());
  EXPECT_THAT(
      LedgerCheck::compare({begun(), effect(), begun(2), effect(2)}, record({after_crash(step(2, 2))})),
      IsEmpty());
}

TEST(LedgerCheck, ABodyBeforeItsRecordIsFound) {
  EXPECT_THAT(LedgerCheck::compare({begun()}, record({})), ElementsAre(HasSubstr("no such step")));
  EXPECT_THAT(LedgerCheck::compare({begun(2)}, record({step(1)})),
              ::testing::Contains(HasSubstr("attempt 2 began before that was recorded")));
}

TEST(LedgerCheck, AnAttemptThatBeginsTwiceIsFound) {
  EXPECT_THAT(LedgerCheck::compare({begun(), begun()}, record({step(1)})),
              ElementsAre(HasSubstr("stands twice")));
}

TEST(LedgerCheck, ABodyBehindItsRecordedResultIsFound) {
  EXPECT_THAT(LedgerCheck::compare({begun(), effect(), begun(2)}, record({step(1, 2)})),
              ::testing::Contains(HasSubstr("attempt 2 began before that was recorded")));
}

TEST(LedgerCheck, ALostEffectIsFound) {
  EXPECT_THAT(LedgerCheck::compare({begun()}, record({step(1, 2)})),
              ElementsAre(HasSubstr("a recorded result, and no effect")));
}

TEST(LedgerCheck, AnEffectWhoseResultWasDroppedIsFound) {
  StepRow failed = step(2, 2);
  failed.failures.push_back({.error = ErrorRecord{"Error", "why"}});
  EXPECT_THAT(LedgerCheck::compare({begun(), effect(), begun(2), effect(2)}, record({failed})),
              ::testing::Contains(HasSubstr("attempt 1 had its effect, and its result is not recorded")));
}

TEST(LedgerCheck, AttemptsThatOverlapAreFound) {
  EXPECT_THAT(
      LedgerCheck::compare({begun(), begun(2), effect(), effect(2)}, record({after_crash(step(2, 2))})),
      ElementsAre(HasSubstr("began while an earlier one ran")));
}

TEST(LedgerCheck, AStepThatOvertookTheOneBeforeIsFound) {
  const Record both = record({step(1, 2), step(1, std::nullopt, 3, "b")});
  EXPECT_THAT(LedgerCheck::compare({begun(), begun(1, "b-1"), effect()}, both),
              ElementsAre(HasSubstr("b-1 of x, attempt 1 began before the effect of a-1")));
}

TEST(LedgerCheck, AKeyOfAnotherStepIsFound) {
  Line other = begun(1, "b-1");
  other.idempotency_key = begun().idempotency_key;
  EXPECT_THAT(LedgerCheck::compare({begun(), other}, record({step(1), step(1, std::nullopt, 2, "b")})),
              ElementsAre(HasSubstr("the idempotency key of another step")));
}

TEST(LedgerCheck, WhatHadEndedAndRanAgainIsRemembered) {
  LedgerCheck check;
  EXPECT_THAT(check.remember({begun(), effect()}, record({step(1, 2)})), IsEmpty());
  EXPECT_THAT(check.remember({begun(), effect()}, record({step(1, 2)})), IsEmpty());
  EXPECT_THAT(check.remember({begun(), effect(), begun(2)}, record({after_crash(step(2))})),
              ElementsAre(HasSubstr("its record has changed"), HasSubstr("ran again")));
}

TEST(LedgerCheck, ALineThatAKillCutOffIsNoLine) {
  const Folder folder;
  AppendOnlyFile file{folder / "ledger"};
  file.append("begun x a-1 1 key", false);
  std::ofstream{folder / "ledger", std::ios::app} << "\nbeg";
  file.append("effect x a-1 1 key", false);
  std::ofstream{folder / "ledger", std::ios::app} << "\nfailed x a-1 1 key";
  EXPECT_THAT(read_appended(folder / "ledger"), ElementsAre("begun x a-1 1 key", "effect x a-1 1 key"));
  EXPECT_THROW(file.append("begun;", false), std::invalid_argument);
}

TEST(LedgerCheck, ALostAcknowledgementIsFound) {
  EXPECT_THAT(LedgerCheck::acknowledged({"batch chain 3", "event x"}, record({})),
              ElementsAre("batch chain 3 is lost", "batch chain 3 is lost", "event x is lost"));
}

}  // namespace
}  // namespace cairn::testing
