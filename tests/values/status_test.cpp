#include <cairn/status.hpp>

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string_view>

namespace cairn {
namespace {

struct GoldenStatus {
  Status status;
  int number;
  std::string_view word;
};

constexpr std::array golden_statuses{
    GoldenStatus{Status::queued, 0, "queued"},
    GoldenStatus{Status::running, 1, "running"},
    GoldenStatus{Status::paused, 2, "paused"},
    GoldenStatus{Status::errored, 3, "errored"},
    GoldenStatus{Status::terminated, 4, "terminated"},
    GoldenStatus{Status::complete, 5, "complete"},
    GoldenStatus{Status::waiting_for_pause, 6, "waitingForPause"},
    GoldenStatus{Status::waiting, 7, "waiting"},
    GoldenStatus{Status::rolling_back, 8, "rollingBack"},
};

constexpr std::array causes{
    Cause::start,      Cause::wait,    Cause::wake,    Cause::requeue,  Cause::pause,
    Cause::pause_idle, Cause::quiesce, Cause::resume,  Cause::complete, Cause::fail,
    Cause::terminate,  Cause::park,    Cause::recover, Cause::restart,
};

TEST(Status, NumbersAreThoseOfTheFileFormat) {
  for (const auto& [status, number, word] : golden_statuses)
    EXPECT_EQ(static_cast<int>(status), number) << word;
}

TEST(Status, WordsAreThoseOfTheWireAndReadBack) {
  for (const auto& [status, number, word] : golden_statuses) {
    EXPECT_EQ(to_string(status), word);
    EXPECT_EQ(parse_status(word), status);
  }
}

TEST(Status, UnknownWordsAreNoStatus) {
  for (const std::string_view word :
       {"", "Queued", "queued ", "waiting_for_pause", "unknown", "0", "runningx", "run"}) {
    EXPECT_EQ(parse_status(word), std::nullopt) << word;
  }
  EXPECT_EQ(parse_status(std::string_view{"queued\0", 7}), std::nullopt);
}

TEST(Status, ANumberFromElsewhereHasAWordToo) {
  EXPECT_EQ(to_string(static_cast<Status>(9)), "unknown");
  EXPECT_EQ(to_string(static_cast<Status>(255)), "unknown");
  EXPECT_EQ(to_string(static_cast<Cause>(255)), "unknown");
}

TEST(Status, EveryCauseHasAWordOfItsOwn) {
  for (const Cause a : causes) {
    EXPECT_NE(to_string(a), "unknown");
    for (const Cause b : causes) EXPECT_EQ(a == b, to_string(a) == to_string(b));
  }
}

TEST(Status, MovesOnlyAsTheTableSays) {
  std::size_t moves = 0;
  for (const auto& from : golden_statuses) {
    for (const Cause cause : causes) moves += next(from.status, cause) ? 1U : 0U;
  }
  EXPECT_EQ(moves, transitions.size());
  EXPECT_EQ(next(Status::queued, Cause::start), Status::running);
  EXPECT_EQ(next(Status::running, Cause::pause), Status::waiting_for_pause);
  EXPECT_EQ(next(Status::running, Cause::pause_idle), Status::paused);
  EXPECT_EQ(next(Status::waiting_for_pause, Cause::resume), Status::running);
  EXPECT_EQ(next(Status::complete, Cause::terminate), std::nullopt);
  EXPECT_EQ(next(Status::waiting, Cause::complete), std::nullopt);
  EXPECT_EQ(next(Status::paused, Cause::start), std::nullopt);
}

TEST(Status, NothingLeadsIntoOrOutOfTheReservedOne) {
  for (const Transition& row : transitions) {
    EXPECT_NE(row.from, Status::rolling_back);
    EXPECT_NE(row.to, Status::rolling_back);
  }
}

TEST(Status, TerminateAndPauseAreKnownToEveryUnfinishedStatusThatIsNotYetPaused) {
  for (const auto& [status, number, word] : golden_statuses) {
    if (status == Status::rolling_back) continue;
    EXPECT_EQ(next(status, Cause::terminate).has_value(), !is_finished(status)) << word;
    const bool may_pause = !is_finished(status) && status != Status::paused &&
                           status != Status::waiting_for_pause;
    EXPECT_EQ(next(status, Cause::pause).has_value(), may_pause) << word;
    EXPECT_EQ(next(status, Cause::pause_idle).has_value(), may_pause) << word;
  }
}

TEST(Status, FinishedAreCompleteErroredAndTerminated) {
  for (const auto& [status, number, word] : golden_statuses)
    EXPECT_EQ(is_finished(status), number >= 3 && number <= 5) << word;
}

TEST(Status, WhatAnEarlierOwnerLeftIsRecoveredWhenItIsRead) {
  for (const auto& [status, number, word] : golden_statuses) {
    EXPECT_EQ(effective_status(status, 7, 7), status) << word;
    EXPECT_EQ(effective_status(status, 8, 7), status) << word;
    Status expected = status;
    if (status == Status::running) expected = Status::queued;
    if (status == Status::waiting_for_pause) expected = Status::paused;
    EXPECT_EQ(effective_status(status, 6, 7), expected) << word;
  }
}

}  // namespace
}  // namespace cairn
