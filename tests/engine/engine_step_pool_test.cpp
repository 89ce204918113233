#include "engine/step_pool.hpp"
#include "tests/engine/engine_fixture.hpp"

#include <atomic>

// The threads on which bodies run.
namespace cairn::tests {
namespace {

using engine::StepPool;

TEST(StepPool, RunsNoMoreJobsAtATimeThanItHasThreads) {
  StepPool pool{2};
  pool.start();
  std::atomic<int> running = 0;
  std::atomic<bool> crowded = false;
  for (int i = 0; i < 200; ++i) {
    pool.submit([&] {
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
  for (int i = 0; i < 100; ++i) pool.submit([&] { ++done; });
  pool.join();
  EXPECT_EQ(done, 100);
}

TEST(StepPool, ALentPlaceIsTakenByAnotherJob) {
  StepPool pool{1};
  pool.start();
  Gate other;
  pool.submit([&] {
    const StepPool::Lend lend;
    other.pass();
  });
  pool.submit([&] { other.open(); });
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
    pool.submit([&] {
      const StepPool::Lend lend;
      two_are_lent.pass();
      give_back.pass();
    });
  }
  two_are_lent.wait_for(2);
  give_back.open();
  Gate last;
  pool.submit([&] { last.pass(); });
  pool.submit([] {});  // waits in the queue while the pool is told to end
  last.wait_for(1);
  Crowd joining{1, [&](std::size_t) { pool.join(); }};
  joining.wait_until_asleep();
  last.open();
}

}  // namespace
}  // namespace cairn::tests
