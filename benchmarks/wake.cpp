// When a million timers are due at once, how fast do their instances end, and does a create have to wait?
//
// 1,000,000 instances sleep for a day; then the clock leaps by two days. The time goes from the leap until
// the end of the last of them is on disk. Meanwhile another thread creates instances, one at a time, that
// sleep as well.

#include "benchmarks/bench.hpp"
#include "benchmarks/counting_store.hpp"
#include "benchmarks/leaping_clock.hpp"
#include "benchmarks/memory.hpp"
#include "benchmarks/support.hpp"

#include <cairn/cairn.hpp>

#include <atomic>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cairn::benchmarks;

constexpr std::size_t instances = 1'000'000;
constexpr std::size_t batch = 10'000;
constexpr auto day = std::chrono::hours{24};

cairn::Task<void> sleep_a_day(cairn::Context& ctx, std::string /*params*/) {
  co_await ctx.sleep("sleep", day);
}

using Sleepers = cairn::Workflow<std::string, void>;

cairn::NewInstance<std::string> sleeper() {
  return {.params = std::string(98, 'p')};  // and two quotes
}

// Milliseconds that each create took, until `done`.
std::vector<double> create_one_by_one(Sleepers& workflow, const std::atomic<bool>& done) {
  std::vector<double> waits;
  while (!done) {
    const Stopwatch watch;
    workflow.create(sleeper());
    waits.push_back(1e3 * watch.seconds());
  }
  return waits;
}

void run_wake(Trial& trial) {
  const auto tally = std::make_shared<Tally>();
  const auto clock = std::make_shared<LeapingClock>();
  cairn::EngineOptions options;
  options.clock = clock;
  options.sweep_interval = cairn::Duration{0};
  cairn::Engine engine{
      std::make_unique<CountingStore>(cairn::open_sqlite(trial.folder() / "cairn.db"), tally), options};
  auto workflow = engine.define("sleepers", sleep_a_day);
  engine.start();
  for (std::size_t done = 0; done < instances; done += batch) workflow.create_batch({batch, sleeper()});
  tally->wait_until([](const Tally::Counts& counts) { return counts.waits >= instances; });

  const std::size_t groups_before = tally->counts().groups;
  std::atomic<bool> done = false;
  std::vector<double> waits;
  std::jthread creator;
  const std::clock_t processor = std::clock();
  const Stopwatch watch;
  clock->leap(2 * day);
  creator = std::jthread{[&] { waits = create_one_by_one(workflow, done); }};
  tally->wait_for(instances);
  const double seconds = watch.seconds();
  const double busy = static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC;
  const std::size_t groups = tally->counts().groups - groups_before;
  done = true;
  creator.join();

  trial.took(seconds);
  trial.record("all ended, s", seconds);
  trial.record("instances/s", instances / seconds, at_least(30'000));
  trial.record("processor time, µs an instance", 1e6 * busy / instances);
  trial.record("instances in a group", static_cast<double>(instances) / static_cast<double>(groups));
  trial.record("creates meanwhile", static_cast<double>(waits.size()));
  trial.record("create p50, ms", percentile(waits, 0.5));
  trial.record("create p99, ms", percentile(waits, 0.99), at_most(50));
  trial.record("longest create, ms", percentile(waits, 1));
  trial.record("RSS at its peak, MiB", peak_resident_mib());
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmarks(argc, argv, "wake",
                        [](Bench& bench) { bench.add("1,000,000 due at once", 1, run_wake); });
}
