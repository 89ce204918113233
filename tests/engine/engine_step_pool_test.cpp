#include "engine/threads/step_pool.hpp"
#include "tests/engine/engine_fixture.hpp"

#include <atomic>

// The threads on which bodies run.
namespace cairn::tests {
namespace {

using engine::StepPool;

void submit(StepPool& pool, StepPool::Job job) {
  pool.submit({std::move(job)}, false);
}

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
        std::vector<StepPool::Job> jobs(2, [&] {
          if (++done == 200) all_done.open();
        });
        pool.submit(std::move(jobs), true);
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
    const StepPool::Lend lend;
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
      const StepPool::Lend lend;
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

}  // namespace
}  // namespace cairn::tests
