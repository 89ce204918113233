// How many durable steps does cairn run in a second, and how far is that from writing their rows by hand?
//
// 10,000 instances of a workflow of 1 or 10 trivial steps are created in one batch by an engine that runs;
// the time goes from before their creation until the end of the last one is on disk. Beside it, in the same
// run, the yardstick of step_yardstick.hpp leaves the same rows, in transactions as large as the engine's
// groups were on average.

#include "benchmarks/bench.hpp"
#include "benchmarks/counting_store.hpp"
#include "benchmarks/step_yardstick.hpp"
#include "benchmarks/support.hpp"

#include <cairn/cairn.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace cairn::benchmarks;

constexpr std::size_t instances = 10'000;

cairn::Task<void> work(cairn::Context& ctx, std::size_t steps) {
  for (std::size_t number = 0; number < steps; ++number) {
    co_await ctx.step("step", [number] { return number; });
  }
}

// Gives the seconds that it took.
double run_engine(const std::filesystem::path& file, std::size_t steps, const std::shared_ptr<Tally>& tally) {
  cairn::EngineOptions options;
  options.workers = 2;
  options.concurrency = instances;
  options.sweep_interval = cairn::Duration{0};
  cairn::Engine engine{std::make_unique<CountingStore>(cairn::open_sqlite(file), tally), options};
  auto workflow = engine.define("steps", work);
  engine.start();
  std::vector<cairn::NewInstance<std::size_t>> batch(instances, {.params = steps});
  const Stopwatch watch;
  workflow.create_batch(std::move(batch));
  tally->wait_for(instances);
  return watch.seconds();
}

double run_yardstick(const std::filesystem::path& file, std::size_t steps, std::size_t group) {
  StepYardstick yardstick{file, instances, steps};
  const Stopwatch watch;
  yardstick.create();
  for (std::size_t first = 0; first < instances * steps; first += group) {
    yardstick.write(first, std::min(group, instances * steps - first));
  }
  return watch.seconds();
}

void run_steps(Trial& trial, std::size_t steps) {
  const auto tally = std::make_shared<Tally>();
  const auto rows = static_cast<double>(instances * steps);
  const double seconds = run_engine(trial.folder() / "cairn.db", steps, tally);
  const std::size_t group = std::max<std::size_t>(1, instances * steps / tally->counts().groups);
  const double by_hand = run_yardstick(trial.folder() / "yardstick.db", steps, group);

  trial.took(seconds);
  if (steps == 1) {
    trial.record("instances/s", rows / seconds, at_least(30'000));
  } else {
    trial.record("steps/s", rows / seconds, at_least(100'000));
  }
  trial.record("steps in a group", static_cast<double>(group));
  trial.record("SQLite, steps/s", rows / by_hand);
  trial.record("ratio", by_hand / seconds, at_least(0.5));
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmarks(argc, argv, "steps", [](Bench& bench) {
    for (const std::size_t steps : {1, 10}) {
      bench.add(std::to_string(steps) + (steps == 1 ? " step" : " steps"), 5,
                [steps](Trial& trial) { run_steps(trial, steps); });
    }
  });
}
