#include "engine/threads/step_pool.hpp"
#include "tests/engine/engine_fixture.hpp"

#include <atomic>
#include <functional>

// The threads on which bodies run.
namespace cairn::tests {
namespace {

using engine::StepPool;

class Job final : public StepPool::Job {
 public:
  explicit Job(std::function<void()> work) : work_(std::move(work)) {}
  void run() override { work_(); }
  [[nodiscard]] bool wanted() const noexcept override { return !forgotten; }
  std::atomic<bool> forgotten = false;

 private:
  std::function<void()> work_;
};

std::shared_ptr<Job> submit(StepPool& pool, std::function<void()> work) {
  auto job = std::make_shared<Job>(std::move(work));
  pool.submit({job}, false);
  return job;
}

// Lends the place of its thread as long as it lives.
class Lent {
 public:
  Lent() { StepPool::lend(); }
  ~Lent() { StepPool::take_back(false, {}); }
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;
};

TEST(StepPool, RunsNoMoreJobsAtATimeThanItHasThreads) {
  StepPool pool{2};
  pool.start();
  std::atomic<int> running = 0;
  std::atomic<bool> crowded = false;
  for (int i = 0; i < 200; ++i) {
    submit(pool, [&] {
      if (++running > 2) crowded = true;
      std::this_thread::yield();
      --running;
    });
  }
  pool.join();
  EXPECT_FALSE(crowded);
}

TEST(StepPool, RunsEveryJobBeforeItEnds) {
  std::atomic<int> done = 0;
  StepPool pool{1};
  pool.start();
  for (int i = 0; i < 100; ++i) submit(pool, [&] { ++done; });
  pool.join();
  EXPECT_EQ(done, 100);
}

TEST(StepPool, AThreadThatReturnsLeavesNoJobBehind) {
  for (const std::size_t threads : {1, 2, 3}) {
    StepPool pool{threads};
    pool.start();
    std::atomic<int> done = 0;
    Gate all_done;
    for (int i = 0; i < 100; ++i) {
      submit(pool, [&] {
        const auto count = [&] {
          if (++done == 200) all_done.open();
        };
        pool.submit({std::make_shared<Job>(count), std::make_shared<Job>(count)}, true);
      });
    }
    all_done.pass();
    pool.join();
    EXPECT_EQ(done, 200);
  }
}

TEST(StepPool, ALentPlaceIsTakenByAnotherJob) {
  StepPool pool{1};
  pool.start();
  Gate other;
  submit(pool, [&] {
    const Lent lent;
    other.pass();
  });
  submit(pool, [&] { other.open(); });
  other.wait_for(1);
  pool.join();
}

TEST(StepPool, EndsTheThreadsThatWereAddedForLentPlaces) {
  StepPool pool{1};
  pool.start();
  Gate two_are_lent;
  two_are_lent.open();
  Gate give_back;
  for (int i = 0; i < 2; ++i) {
    submit(pool, [&] {
      const Lent lent;
      two_are_lent.pass();
      give_back.pass();
    });
  }
  two_are_lent.wait_for(2);
  give_back.open();
  Gate last;
  submit(pool, [&] { last.pass(); });
  submit(pool, [] {});  // waits in the queue while the pool is told to end
  last.wait_for(1);
  Crowd joining{1, [&](std::size_t) { pool.join(); }};
  joining.wait_until_asleep();
  last.open();
}

TEST(StepPool, APlaceIsTakenBackAheadOfJobsAndWithinTheLimit) {
  StepPool pool{1};
  pool.start();
  Gate lent;
  Gate other_runs;
  std::atomic<int> running = 0;
  std::atomic<bool> crowded = false;
  std::vector<int> order;  // by the one job that has the place
  const auto work = [&](int number) {
    if (++running > 1) crowded = true;
    order.push_back(number);
    --running;
  };
  submit(pool, [&] {
    StepPool::lend();
    lent.pass();
    StepPool::take_back(false, {});
    work(1);
  });
  submit(pool, [&] {
    ++running;
    other_runs.pass();
    --running;
  });
  for (int i = 2; i < 10; ++i) submit(pool, [&, i] { work(i); });
  other_runs.wait_for(1);
  lent.open();
  while (pool.returning() == 0) std::this_thread::yield();
  other_runs.open();
  pool.join();
  EXPECT_FALSE(crowded);
  ASSERT_EQ(order.size(), 9U);
  EXPECT_EQ(order.front(), 1) << "ahead of what has not begun";
}

TEST(StepPool, WhoIsAskedToStopTakesItsPlaceBackAtOnce) {
  StepPool pool{1};
  pool.start();
  std::stop_source stop;
  Gate lent;
  Gate other_runs;
  Gate back;
  back.open();
  submit(pool, [&] {
    StepPool::lend();
    lent.pass();
    StepPool::take_back(false, stop.get_token());
    back.pass();
  });
  submit(pool, [&] { other_runs.pass(); });
  other_runs.wait_for(1);
  lent.open();
  stop.request_stop();
  back.wait_for(1);
  other_runs.open();
  pool.join();
}

TEST(StepPool, ForgetsTheJobsThatNobodyWants) {
  StepPool pool{1};
  pool.start();
  Gate first_runs;
  submit(pool, [&] { first_runs.pass(); });
  first_runs.wait_for(1);
  std::atomic<int> ran = 0;
  std::vector<std::weak_ptr<Job>> jobs;
  for (int i = 0; i < 10; ++i) {
    const std::shared_ptr<Job> job = submit(pool, [&] { ++ran; });
    job->forgotten = i % 2 == 0;
    jobs.push_back(job);
  }
  EXPECT_EQ(pool.waiting().size(), 10U);
  pool.drop_unwanted();
  EXPECT_EQ(pool.waiting().size(), 5U);
  for (std::size_t i = 0; i < jobs.size(); ++i) EXPECT_EQ(jobs[i].expired(), i % 2 == 0) << i;
  first_runs.open();
  pool.join();
  EXPECT_EQ(ran, 5);
}

}  // namespace
}  // namespace cairn::tests
