// How long does a workflow of three steps take on an idle engine, from the call that creates it until its end
// is on disk?
//
// Beside it, in turns, four one-row commits of the sqlite3 C API: a run of three steps writes four groups
// (its creation with its first step's start, then one for each step's result), so four flushes are the least
// it can wait for.

#include "benchmarks/bench.hpp"
#include "benchmarks/support.hpp"
#include "benchmarks/yardstick.hpp"

#include <cairn/cairn.hpp>

#include <vector>

namespace {

using namespace cairn::benchmarks;

constexpr std::size_t rounds = 1'000;

cairn::Task<int> three_steps(cairn::Context& ctx) {
  int first = co_await ctx.step("first", [] { return 1; });
  int second = co_await ctx.step("second", [first] { return first + 1; });
  int third = co_await ctx.step("third", [second] { return second + 1; });
  co_return third;
}

void run_latency(Trial& trial) {
  cairn::EngineOptions options;
  options.workers = 2;
  options.sweep_interval = cairn::Duration{0};
  cairn::Engine engine{cairn::open_sqlite(trial.folder() / "cairn.db"), options};
  auto workflow = engine.define("latency", three_steps);
  engine.start();
  Yardstick yardstick{trial.folder() / "yardstick.db"};
  RisingIds ids{1};

  std::vector<double> ours;
  std::vector<double> bare;
  for (std::size_t round = 0; round < rounds; ++round) {
    const Stopwatch watch;
    workflow.create({}).wait();
    ours.push_back(watch.seconds());
    const Stopwatch bare_watch;
    for (int commit = 0; commit < 4; ++commit) yardstick.insert(ids.next(), "{}");
    bare.push_back(bare_watch.seconds());
  }
  const double middle = 1e3 * percentile(ours, 0.5);
  const double bare_middle = 1e3 * percentile(bare, 0.5);
  trial.took(middle / 1e3);
  trial.record("p50, ms", middle);
  trial.record("p99, ms", 1e3 * percentile(ours, 0.99));
  trial.record("four commits p50, ms", bare_middle);
  trial.record("four commits p99, ms", 1e3 * percentile(bare, 0.99));
  trial.record("p50 / four commits", middle / bare_middle, at_most(1.25));
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmarks(argc, argv, "latency", [](Bench& bench) { bench.add("3 steps", 5, run_latency); });
}
