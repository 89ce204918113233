#include "tests/engine/engine_fixture.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <random>

// Many threads do everything at once. What must hold then is checked at the end.
namespace cairn::tests {
namespace {

class StressTest : public EngineTest, public ::testing::WithParamInterface<std::uint64_t> {
 protected:
  // What the threads want to know of bodies: none of them ever runs beside itself.
  class Bodies {
   public:
    void enter(const std::string& body) {
      const std::lock_guard lock{mutex_};
      overlapping_ += running_[body]++ > 0 ? 1 : 0;
    }
    void leave(const std::string& body) {
      const std::lock_guard lock{mutex_};
      --running_[body];
    }
    int overlapping() {
      const std::lock_guard lock{mutex_};
      return overlapping_;
    }

   private:
    std::mutex mutex_;
    std::map<std::string, int> running_;
    int overlapping_ = 0;
  };

  auto code() {
    return [this](Context& ctx, int n) -> Task<int> {
      const StepOptions quick{.retries = {.limit = 3, .delay = 1ms, .backoff = Backoff::constant}};
      int first = co_await ctx.step("first", quick, [&](StepContext& step) {
        bodies.enter(ctx.instance_id());
        bodies.leave(ctx.instance_id());
        if (n % 5 == 0 && step.attempt() == 1) throw std::runtime_error{"again"};
        return n;
      });
      co_await ctx.sleep("rest", 1ms);
      Event event = co_await ctx.wait_for_event("go", {.type = "go", .timeout = 1h});
      int more = event.payload;
      std::vector<int> parts{1, 2, 3};
      std::vector<int> doubled = co_await ctx.map("part", parts, [](int part) { return 2 * part; });
      int sum = first + more;
      for (int part : doubled) sum += part;
      co_return sum;
    };
  }

  // One random thing. What the state of the instance forbids is refused, and nothing else is.
  void act(Workflow<int, int>& workflow, std::mt19937_64& random, std::size_t thread, int step) {
    const std::string id = "i" + std::to_string(random() % 60);
    const int n = static_cast<int>(random() % 100);
    const auto found = workflow.find(id);
    try {
      switch (random() % 10) {
        case 0:
        case 1:
          workflow.create_batch(
              {{.id = id, .params = n},
               {.id = "t" + std::to_string(thread) + "-" + std::to_string(step), .params = n}});
          break;
        case 2:
          clock->advance(Duration{n});
          break;
        case 3:
          if (found) found->pause();
          break;
        case 4:
          if (found) found->resume();
          break;
        case 5:
          if (found && n < 20) found->terminate();
          break;
        case 6:
          if (found && n < 20) found->restart();
          break;
        case 7:
          if (found) static_cast<void>(found->describe());
          break;
        default:
          if (found) found->send_event("go", n);
      }
    } catch (const Error& error) {
      const bool allowed = error.code() == Errc::cannot_pause || error.code() == Errc::cannot_resume ||
                           error.code() == Errc::cannot_terminate || error.code() == Errc::cannot_send_event;
      EXPECT_TRUE(allowed) << error.what();
    }
  }

  // Resumes and feeds every instance until it ends, and checks what it ended with.
  void bring_to_its_end(const Instance<int>& instance) {
    for (;;) {
      try {
        instance.resume();
        instance.send_event("go", 1);
        clock->advance(10ms);
        instance.wait_for(10ms);
      } catch (const InstanceError& error) {
        EXPECT_EQ(error.status(), Status::terminated) << instance.id() << ": " << error.what();
      } catch (const Error& error) {
        if (error.code() == Errc::timed_out) continue;
        const bool ended = error.code() == Errc::cannot_resume || error.code() == Errc::cannot_send_event;
        EXPECT_TRUE(ended) << instance.id() << ": " << error.what();
      }
      break;
    }
    const InstanceDetail detail = instance.describe();
    EXPECT_TRUE(is_finished(detail.status));
    if (detail.status != Status::complete) return;
    EXPECT_EQ(detail.steps.size(), 6U) << instance.id();
    const int n = detail.params;
    const int event = detail.steps.at(2).output->at("payload");
    EXPECT_EQ(detail.output, n + event + 12) << instance.id();
    EXPECT_EQ(detail.steps.at(0).attempts.size(), n % 5 == 0 ? 2U : 1U) << instance.id();
  }

  Bodies bodies;
};

TEST_P(StressTest, EveryInstanceEndsOnceAndRight) {
  constexpr std::size_t threads = 8;
  constexpr int steps = 150;
  EngineOptions busy = options(3);
  busy.resident = 20;
  busy.evict_after = 5ms;
  busy.concurrency = 16;
  Engine engine{open_memory(), busy};
  auto workflow = engine.define("stress", code());
  engine.start();
  {
    Crowd crowd{threads, [&](std::size_t thread) {
                  std::mt19937_64 random{GetParam() * 1'000 + thread};
                  for (int step = 0; step < steps; ++step) act(workflow, random, thread, step);
                }};
  }
  ListFilter filter{.limit = 1'000};
  const Page all = workflow.list(filter);
  EXPECT_EQ(all.cursor, "");
  for (const InstanceSummary& one : all.instances) bring_to_its_end(workflow.get(one.id));
  EXPECT_EQ(bodies.overlapping(), 0);
  EXPECT_TRUE(engine.stop(1min));
  EXPECT_EQ(engine.metrics().missed_wakeups, 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, StressTest, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace cairn::tests
