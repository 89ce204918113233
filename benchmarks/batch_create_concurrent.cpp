// What do 16 threads get that create at the same time, each in batches of 1, 10 or 100?
//
// Their calls share groups: one transaction and one flush for all that wait. Beside it, in the same run, one
// thread with the yardstick of yardstick.hpp, in transactions of one row and of 1,000.

#include "benchmarks/bench.hpp"
#include "benchmarks/support.hpp"
#include "benchmarks/yardstick.hpp"

#include <cairn/cairn.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cairn::benchmarks;

constexpr std::size_t threads = 16;
constexpr double seconds_each = 1;

cairn::Task<void> do_nothing(cairn::Context& /*ctx*/, std::string /*params*/) {
  co_return;
}

// Instances a second.
double create_concurrently(const std::filesystem::path& file, std::size_t batch) {
  cairn::Engine engine{cairn::open_sqlite(file)};
  auto workflow = engine.define("benchmark", do_nothing);
  const cairn::NewInstance<std::string> entry{.params = std::string(98, 'p')};
  std::atomic<std::size_t> created = 0;
  const Stopwatch watch;
  {
    std::vector<std::jthread> callers;
    for (std::size_t caller = 0; caller < threads; ++caller) {
      callers.emplace_back([&] {
        while (watch.seconds() < seconds_each) {
          workflow.create_batch({batch, entry});
          created += batch;
        }
      });
    }
  }
  return static_cast<double>(created) / watch.seconds();
}

// Rows a second.
double insert_alone(const std::filesystem::path& file, std::size_t batch) {
  Yardstick yardstick{file};
  const std::string params = '"' + std::string(98, 'p') + '"';
  RisingIds ids{batch};
  std::size_t rows = 0;
  const Stopwatch watch;
  while (watch.seconds() < seconds_each) {
    yardstick.insert(ids.next(), params);
    rows += batch;
  }
  return static_cast<double>(rows) / watch.seconds();
}

void run_concurrent(Trial& trial, std::size_t batch) {
  const std::size_t alone = batch == 1 ? 1 : 1'000;
  const double ours = create_concurrently(trial.folder() / "cairn.db", batch);
  const double bare = insert_alone(trial.folder() / "yardstick.db", alone);
  trial.took(static_cast<double>(batch) / ours);
  trial.record("instances/s", ours);
  trial.record("SQLite alone in batches of " + std::to_string(alone) + ", rows/s", bare);
  std::optional<Target> target;
  if (batch == 1) target = at_least(5);
  if (batch == 100) target = at_least(0.9);
  trial.record("ratio", ours / bare, target);
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmarks(argc, argv, "batch_create_concurrent", [](Bench& bench) {
    for (const std::size_t batch : {1, 10, 100}) {
      bench.add("16 threads, batches of " + std::to_string(batch), 5,
                [batch](Trial& trial) { run_concurrent(trial, batch); });
    }
  });
}
