#include "tests/counts.hpp"
#include "tests/engine/harness.hpp"

#include <random>
#include <stdexcept>

namespace cairn::testing {
namespace {

// Long random runs of several instances that share slots, under requests, crashes and a failing store; every
// other one with results that come while a group is written. All from a seed, which a failure names.

Task<int> chain(Context& ctx) {
  int sum = 0;
  for (int i = 0; i < 3; ++i) {
    sum += co_await ctx.step("x", {.retries = {.limit = 10'000, .delay = 1s}, .crash_limit = 10'000},
                             [](StepContext& step) {
                               if (step.attempt() % 3 == 1) throw std::runtime_error("again");
                               return 1;
                             });
    co_await ctx.sleep("nap", 5s);
  }
  co_return sum;
}

Task<int> waiting(Context& ctx) {
  int sum = 0;
  for (int i = 0; i < 3; ++i) {
    try {
      co_await ctx.wait_for_event("wait", {.type = "go", .timeout = 20s});
    } catch (const TimeoutError&) {
      sum += 0;
    }
    sum += co_await ctx.step("x", {.retries = {.limit = 10'000}, .crash_limit = 10'000}, [] { return 10; });
  }
  co_return sum;
}

Task<int> busy(Context& ctx) {
  auto [left, right] = co_await all(chain(ctx), waiting(ctx));
  std::vector<int> numbers(3, 100);
  std::vector<int> mapped = co_await ctx.map("x", {.retries = {.limit = 10'000}, .crash_limit = 10'000},
                                             numbers, [](int n) { return n; });
  co_return left + right + mapped[0] + mapped[1] + mapped[2];
}

constexpr int instances = 4;
constexpr Mishap mishaps[] = {Mishap::refused, Mishap::unknown_lost, Mishap::unknown_written,
                              Mishap::crash_before, Mishap::crash_after};

class RandomStorm {
 public:
  explicit RandomStorm(unsigned seed) : random_(seed), h(options(seed)) {
    if (seed % 2 == 0) h.overlap();
    h.begin();
    h.define("busy", busy);
    for (int i = 0; i < instances; ++i) keys_.push_back(h.create("busy"));
  }

  void play(int turns) {
    for (int i = 0; i < turns; ++i) {
      if (one_in(40)) h.store().plan(mishaps[pick(std::size(mishaps))], pick(2));
      if (one_in(60)) h.crash();
      std::vector<engine::Input> inputs;
      do inputs.push_back(input());
      while (one_in(3));
      h.give(std::move(inputs));
    }
  }

  void drive_to_the_end() {
    h.store().heal();
    for (int rounds = 0; rounds < 200; ++rounds) {
      h.move(10s);
      h.run_bodies();
      for (const Key key : keys_) {
        if (h.status(key) == Status::paused) h.resume(key);
      }
    }
    for (const Key key : keys_) {
      EXPECT_EQ(h.status(key), Status::complete) << key << ": " << to_string(h.status(key));
      EXPECT_EQ(h.output(key), "333") << key;
    }
    h.expect_at_rest();
    EXPECT_EQ(h.conductor().residents(), 0U);
  }

 private:
  static engine::ConductorOptions options(unsigned seed) {
    engine::ConductorOptions options{.concurrency = 1 + seed % 3, .resident = seed % 4};
    if (seed % 2 == 1) options.loaded_bytes = options.page_bytes = 1 + seed % 9;
    if (seed % 5 > 1) return options;
    options.handful = 1 + seed % 7;
    options.share = seed % 11;
    options.turn_share = seed % 23;
    return options;
  }

  std::size_t pick(std::size_t count) { return random_() % count; }
  bool one_in(std::size_t count) { return pick(count) == 0; }

  engine::Input input() {
    const Key key = keys_[pick(keys_.size())];
    switch (pick(12)) {
      case 0:
        return h.control_input(key, Command::pause);
      case 1:
      case 2:
        return h.control_input(key, Command::resume);
      case 3:
        if (one_in(8)) return h.control_input(key, one_in(2) ? Command::restart : Command::resume);
        break;
      case 4:
      case 5:
        return Harness::event_input(key, one_in(3) ? "other" : "go");
      case 6:
      case 7:
        h.pass(std::chrono::milliseconds{pick(8'000)});
        return engine::Tick{};
      default:
        break;
    }
    if (h.bodies().empty()) return engine::Tick{};
    return h.take_result(h.bodies()[pick(h.bodies().size())].step());
  }

  std::mt19937 random_;
  std::vector<Key> keys_;

 public:
  Harness h;
};

TEST(RandomStorm, EndsRightFromEverySeed) {
  for (std::uint64_t seed = 1; seed <= 600; seed += sequence_stride()) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomStorm storm{static_cast<unsigned>(seed)};
    ASSERT_NO_THROW(storm.play(120));
    ASSERT_NO_THROW(storm.drive_to_the_end());
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace cairn::testing
