#include "tests/engine/harness.hpp"

#include <stdexcept>

namespace cairn::testing {
namespace {

Task<int> step_sleep_step(Context& ctx) {
  int a = co_await ctx.step("a", [] { return 1; });
  co_await ctx.sleep("nap", 1h);
  int b = co_await ctx.step("b", [] { return 2; });
  co_return a + b;
}

Task<void> failing(Context& ctx) {
  co_await ctx.step("a", [] { throw NonRetryableError("no"); });
}

/// One slot and one instance under test, brought into any status.
class InStatus {
 public:
  explicit InStatus(Status status) : h({.concurrency = 1}) {
    h.define("w", step_sleep_step);
    h.define("failing", failing);
    h.begin();
    if (status == Status::queued) h.create("w", "blocker");
    key = h.create(status == Status::errored ? "failing" : "w", "it");
    switch (status) {
      case Status::waiting:
        h.run_body();
        break;
      case Status::paused:
        h.run_body();
        h.pause(key);
        break;
      case Status::waiting_for_pause:
        h.pause(key);
        break;
      case Status::terminated:
        h.terminate(key);
        h.run_body();
        break;
      case Status::complete:
        h.finish();
        break;
      case Status::errored:
        h.run_body();
        break;
      default:
        break;
    }
    EXPECT_EQ(h.status(key), status);
  }

  Harness h;
  Key key = 0;
};

constexpr Status all_statuses[] = {
    Status::queued,   Status::running,           Status::paused, Status::errored, Status::terminated,
    Status::complete, Status::waiting_for_pause, Status::waiting};

TEST(Pause, StopsWhatIsUnfinishedAndRefusesTheRest) {
  for (const Status status : all_statuses) {
    SCOPED_TRACE(to_string(status));
    InStatus it{status};
    const Controlled outcome = it.h.pause(it.key);
    if (is_finished(status)) {
      EXPECT_EQ(outcome.refused, Errc::cannot_pause);
      EXPECT_EQ(it.h.status(it.key), status);
      continue;
    }
    EXPECT_FALSE(outcome.refused);
    const bool paused_before = status == Status::paused || status == Status::waiting_for_pause;
    EXPECT_EQ(outcome.changed, !paused_before);
    it.h.run_bodies();
    EXPECT_EQ(it.h.status(it.key), Status::paused);
    it.h.move(10h);
    it.h.run_bodies();
    EXPECT_EQ(it.h.status(it.key), Status::paused);
    it.h.resume(it.key);
    it.h.finish();
    EXPECT_EQ(it.h.output(it.key), "3");
    EXPECT_EQ(it.h.ran("it/a-1#1"), 1U);
    it.h.expect_at_rest();
  }
}

TEST(Resume, ContinuesWhatIsPausedAndRefusesWhatHasEnded) {
  for (const Status status : all_statuses) {
    SCOPED_TRACE(to_string(status));
    InStatus it{status};
    const Controlled outcome = it.h.resume(it.key);
    if (is_finished(status)) {
      EXPECT_EQ(outcome.refused, Errc::cannot_resume);
      continue;
    }
    EXPECT_FALSE(outcome.refused);
    EXPECT_EQ(outcome.changed, status == Status::paused || status == Status::waiting_for_pause);
    it.h.finish();
    EXPECT_EQ(it.h.output(it.key), "3");
    EXPECT_EQ(it.h.ran("it/a-1#1"), 1U);
    it.h.expect_at_rest();
  }
}

TEST(Terminate, EndsWhatIsUnfinishedAndRefusesTheRest) {
  for (const Status status : all_statuses) {
    SCOPED_TRACE(to_string(status));
    InStatus it{status};
    const Controlled outcome = it.h.terminate(it.key);
    if (is_finished(status)) {
      EXPECT_EQ(outcome.refused, Errc::cannot_terminate);
      continue;
    }
    EXPECT_TRUE(outcome.changed);
    EXPECT_EQ(it.h.status(it.key), Status::terminated);
    it.h.finish();
    EXPECT_EQ(it.h.status(it.key), Status::terminated);
    EXPECT_EQ(it.h.ran("it/b-1#1"), 0U);
    it.h.expect_at_rest();
    EXPECT_EQ(it.h.conductor().residents(), 0U);
  }
}

TEST(Restart, BeginsAnyInstanceAnew) {
  for (const Status status : all_statuses) {
    SCOPED_TRACE(to_string(status));
    InStatus it{status};
    const bool errs = status == Status::errored;
    const Controlled outcome = it.h.restart(it.key);
    EXPECT_TRUE(outcome.changed);
    EXPECT_EQ(outcome.run, 2);
    it.h.finish();
    EXPECT_EQ(it.h.row(it.key).run, 2);
    EXPECT_EQ(it.h.status(it.key), errs ? Status::errored : Status::complete);
    EXPECT_EQ(it.h.history(it.key).steps.size(), errs ? 1U : 3U);
    it.h.expect_at_rest();
  }
}

TEST(Control, RefusesAKeyThatIsNotThere) {
  InStatus it{Status::running};
  EXPECT_EQ(it.h.pause(it.key + 7).refused, Errc::instance_not_found);
  EXPECT_EQ(it.h.terminate(it.key + 7).refused, Errc::instance_not_found);
  it.h.finish();
}

TEST(Control, AsksABodyToStopOnlyWhenItsResultIsOfNoUse) {
  InStatus paused{Status::running};
  paused.h.pause(paused.key);
  EXPECT_FALSE(paused.h.bodies().front().stop.stop_requested());
  InStatus terminated{Status::running};
  terminated.h.terminate(terminated.key);
  EXPECT_TRUE(terminated.h.bodies().front().stop.stop_requested());
  InStatus restarted{Status::running};
  restarted.h.restart(restarted.key);
  EXPECT_TRUE(restarted.h.bodies().front().stop.stop_requested());
}

TEST(Control, KeepsTheSlotOfATerminatedInstanceUntilItsBodyHasReturned) {
  InStatus it{Status::running};
  const Key next = it.h.create("w", "next");
  it.h.terminate(it.key);
  EXPECT_EQ(it.h.status(next), Status::queued);
  it.h.run_body(it.key);
  EXPECT_EQ(it.h.status(next), Status::running);
  it.h.finish();
}

TEST(Control, KeepsANewRunQueuedUntilTheOldBodyHasReturned) {
  InStatus it{Status::running};
  it.h.restart(it.key);
  EXPECT_EQ(it.h.status(it.key), Status::queued);
  ASSERT_EQ(it.h.bodies().size(), 1U);
  EXPECT_EQ(it.h.conductor().running(), 1U) << "the slot stays taken";
  it.h.move(1h);
  EXPECT_EQ(it.h.bodies().size(), 1U);
  it.h.run_body();
  EXPECT_EQ(it.h.status(it.key), Status::running);
  EXPECT_TRUE(it.h.step(it.key, "a-1").output.empty()) << "the old result counts for nothing";
  it.h.finish();
  EXPECT_EQ(it.h.output(it.key), "3");
  EXPECT_EQ(it.h.ran("it/a-1#1"), 2U);
}

TEST(Control, TellsWatchersOfATermination) {
  InStatus it{Status::waiting};
  std::optional<detail::Ended> ended;
  it.h.watch(it.key, ended);
  EXPECT_FALSE(ended);
  it.h.terminate(it.key);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->status, Status::terminated);
}

TEST(Control, TellsLateWatchersAtOnce) {
  InStatus it{Status::complete};
  std::optional<detail::Ended> ended;
  it.h.watch(it.key, ended);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->output, "3");
}

TEST(Control, OfAResumedInstanceRespectsTheLimitOfItsWorkflow) {
  Harness h;
  h.begin();
  h.define("w", step_sleep_step, {.adopts = {}, .concurrency = 1});
  const Key first = h.create("w");
  const Key second = h.create("w");
  h.pause(second);
  h.resume(second);
  EXPECT_EQ(h.status(first), Status::running);
  EXPECT_EQ(h.status(second), Status::queued);
  EXPECT_EQ(h.bodies().size(), 1U);
  h.finish();
  h.expect_at_rest();
}

}  // namespace
}  // namespace cairn::testing
