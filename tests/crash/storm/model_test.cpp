// The model must see what it is there to see.

#include "tests/crash/storm/model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cairn::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

StormModel::Faults faults(const std::vector<std::string>& journal, const Record& record) {
  return StormModel{parse_journal(journal)}.compare(record);
}

const std::vector<std::string> created{"life 1", "invoke 0 create listen 7 stays x", "done 0"};

std::vector<std::string> then(std::vector<std::string> journal, const std::vector<std::string>& more) {
  journal.insert(journal.end(), more.begin(), more.end());
  return journal;
}

History history(Status status = Status::running, std::int32_t run = 1) {
  History history;
  history.row.status = status;
  history.row.run = run;
  history.params = "7";
  return history;
}

StepRow taken(int number, Sequence ended) {
  StepRow step;
  step.kind = StepKind::wait_for_event;
  step.started_seq = ended - 1;
  step.ended_seq = ended;
  step.output = R"({"type":"go","payload":{"number":)" + std::to_string(number) + "}}";
  return step;
}

EventRow buffered(int number) {
  return {.event = number, .type = "go", .payload = R"({"number":)" + std::to_string(number) + "}"};
}

TEST(StormModel, WhatWasAcknowledgedMustBeThere) {
  EXPECT_THAT(faults(created, {{"x", history()}}), IsEmpty());
  EXPECT_THAT(faults(created, {}), ElementsAre("x is lost"));
}

TEST(StormModel, WhatIsUnknownMayBeThereOrNot) {
  const std::vector<std::string> journal{"life 1", "invoke 0 create listen 7 stays x", "life 2"};
  EXPECT_THAT(faults(journal, {{"x", history()}}), IsEmpty());
  EXPECT_THAT(faults(journal, {}), IsEmpty());
}

TEST(StormModel, ABatchInPartIsFound) {
  const std::vector<std::string> journal{"invoke 0 create listen 7 stays x y"};
  EXPECT_THAT(faults(journal, {{"x", history()}, {"y", history()}}), IsEmpty());
  EXPECT_THAT(faults(journal, {{"x", history()}}), ElementsAre("of the batch of x there is a part"));
}

TEST(StormModel, WhatNobodyAskedForIsFound) {
  EXPECT_THAT(faults({}, {{"x", history()}}), ElementsAre("x is there, and nobody asked for it"));
  History other = history();
  other.params = "8";
  EXPECT_THAT(faults(created, {{"x", other}}), ElementsAre("x has other params: 8"));
}

TEST(StormModel, OnlyWhatExpiresAndHasEndedMayBeSwept) {
  const std::vector<std::string> journal{"invoke 0 create listen 7 expires x", "done 0"};
  EXPECT_THAT(faults(journal, {}), IsEmpty());
  EXPECT_THAT(faults(then(journal, {"invoke 0 pause x", "done 0"}), {}), ElementsAre("x is lost"));
}

TEST(StormModel, WhatIsGoneDoesNotComeBack) {
  const std::vector<std::string> journal{"invoke 0 create listen 7 expires x", "done 0", "invoke 0 send 1 x",
                                         "refused 0 instance_not_found"};
  EXPECT_THAT(faults(journal, {}), IsEmpty());
  EXPECT_THAT(faults(journal, {{"x", history()}}), ElementsAre("x was gone, and is there"));
  EXPECT_THAT(faults(then(created, {"invoke 0 send 1 x", "refused 0 instance_not_found"}), {}),
              ElementsAre("x was not found", "x is lost"));
}

TEST(StormModel, APauseLastsUntilSomebodyEndsIt) {
  const auto journal = then(created, {"invoke 0 pause x", "done 0"});
  EXPECT_THAT(faults(journal, {{"x", history(Status::paused)}}), IsEmpty());
  EXPECT_THAT(faults(journal, {{"x", history(Status::waiting_for_pause)}}), IsEmpty());
  EXPECT_THAT(faults(journal, {{"x", history(Status::running)}}),
              ElementsAre(HasSubstr("x is running, and should be paused")));
  EXPECT_THAT(faults(then(journal, {"invoke 0 resume x"}), {{"x", history(Status::complete)}}), IsEmpty());
}

TEST(StormModel, AnEndLastsUntilARestart) {
  const auto journal = then(created, {"invoke 0 terminate x", "done 0"});
  EXPECT_THAT(faults(journal, {{"x", history(Status::complete)}}),
              ElementsAre("x is complete, and should be terminated"));
  const auto again = then(journal, {"invoke 0 restart x", "done 0"});
  EXPECT_THAT(faults(again, {{"x", history(Status::complete, 2)}}), IsEmpty());
  EXPECT_THAT(faults(again, {{"x", history(Status::complete, 1)}}), ElementsAre("x is in run 1 of 2 to 2"));
}

TEST(StormModel, AnAnswerThatContradictsTheOneBeforeIsFound) {
  const auto journal = then(
      created, {"invoke 0 pause x", "done 0", "invoke 0 terminate x", "refused 0 cannot_terminate"});
  EXPECT_THAT(faults(journal, {}),
              ::testing::Contains("x cannot be what its client was told after terminate"));
  const auto taken_by_the_dead = then(created,
                                      {"invoke 0 terminate x", "done 0", "invoke 0 send 1 x", "done 0"});
  EXPECT_THAT(faults(taken_by_the_dead, {}),
              ::testing::Contains("x cannot be what its client was told after send"));
}

TEST(StormModel, ALostEventIsFound) {
  const auto journal = then(created, {"invoke 0 send 1 x", "done 0", "invoke 0 send 2 x", "done 0"});
  History all = history();
  all.steps = {taken(1, 2)};
  all.events = {buffered(2)};
  EXPECT_THAT(faults(journal, {{"x", all}}), IsEmpty());
  History lost = history();
  lost.steps = {taken(1, 2)};
  EXPECT_THAT(faults(journal, {{"x", lost}}), ElementsAre("x has lost the event 2"));
  EXPECT_THAT(faults(then(journal, {"invoke 0 restart x"}), {{"x", history(Status::queued, 2)}}), IsEmpty());
}

TEST(StormModel, AnEventThatWasTakenTwiceOrTooEarlyOrOfNobodyIsFound) {
  const auto journal = then(created, {"invoke 0 send 1 x", "done 0", "invoke 0 send 2 x", "done 0"});
  History twice = history();
  twice.steps = {taken(1, 2), taken(1, 4)};
  twice.events = {buffered(2)};
  EXPECT_THAT(faults(journal, {{"x", twice}}), ElementsAre(HasSubstr("twice")));
  History other = history();
  other.steps = {taken(2, 2)};
  other.events = {buffered(1)};
  EXPECT_THAT(faults(journal, {{"x", other}}), ElementsAre(HasSubstr("in another order")));
  History foreign = history(Status::complete);
  foreign.steps = {taken(3, 2)};
  EXPECT_THAT(faults(journal, {{"x", foreign}}), ElementsAre(HasSubstr("the event 3, which nobody sent")));
  History of_before = history(Status::complete, 2);
  of_before.steps = {taken(2, 2)};
  EXPECT_THAT(faults(then(journal, {"invoke 0 restart x", "done 0"}), {{"x", of_before}}),
              ElementsAre(HasSubstr("nobody sent to this run")));
}

}  // namespace
}  // namespace cairn::testing
