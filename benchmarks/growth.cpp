// Does cairn get slower as its file grows?
//
// Beside a new file stand one with a million and one with ten million instances that have ended. In each
// repetition all three take turns: instances created in batches of 1,000 by an engine that is not started,
// and, as in steps.cpp, 10,000 instances of ten trivial steps run to their end. The disk's cache holds what
// was just written of the files; all of it, where there is memory enough.

#include "benchmarks/bench.hpp"
#include "benchmarks/counting_store.hpp"
#include "benchmarks/ended_instances.hpp"
#include "benchmarks/support.hpp"

#include <cairn/cairn.hpp>

#include <algorithm>
#include <array>
#include <list>
#include <string>
#include <vector>

namespace {

using namespace cairn::benchmarks;

constexpr std::array<std::size_t, 3> sizes{0, 1'000'000, 10'000'000};
constexpr std::size_t steps = 10;

cairn::Task<void> do_nothing(cairn::Context& /*ctx*/, std::string /*params*/) {
  co_return;
}

cairn::Task<void> ten_steps(cairn::Context& ctx, std::string /*params*/) {
  for (std::size_t number = 0; number < steps; ++number) {
    co_await ctx.step("step", [number] { return number; });
  }
}

cairn::Workflow<std::string, void> define_create(cairn::Engine& engine) {
  return engine.define("create", do_nothing);
}

cairn::Workflow<std::string, void> define_steps(cairn::Engine& engine) {
  return engine.define("steps", ten_steps);
}

std::vector<cairn::NewInstance<std::string>> instances(std::size_t count) {
  return {count,
          {.params = std::string(98, 'p'),
           .retention = {.success = std::chrono::hours{24 * 30}, .error = std::chrono::hours{24 * 30}}}};
}

// A file with so many instances that have ended, half of them of each workflow. Made once for the program;
// the one without any is new each time.
std::filesystem::path file_with(const Trial& trial, std::size_t rows) {
  if (rows == 0) {
    const std::filesystem::path file = trial.folder() / "new.db";
    for (const char* end : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(file.string() + end);
    return file;
  }
  std::filesystem::path file = trial.shared_folder() / (std::to_string(rows) + ".db");
  if (std::filesystem::exists(file)) return file;
  {
    cairn::Engine engine{cairn::open_sqlite(file)};
    define_create(engine);
    define_steps(engine);
  }
  add_ended_instances(file, rows);
  return file;
}

void record(Trial& trial, const std::string& unit, double count, const std::array<double, 3>& seconds) {
  trial.took(seconds.front());
  for (std::size_t at = 0; at < sizes.size(); ++at) {
    trial.record(with_commas(static_cast<double>(sizes[at])) + " rows, " + unit, count / seconds[at]);
  }
  trial.record("1,000,000 rows / 0", seconds[0] / seconds[1]);
  trial.record("10,000,000 rows / 0", seconds[0] / seconds[2], at_least(0.8));
}

// -------------------------------------------------------------------------------------------------- create

class Creator {
 public:
  explicit Creator(const std::filesystem::path& file)
      : engine_{cairn::open_sqlite(file)}, workflow_{define_create(engine_)} {}

  // Gives the seconds that one batch of 1,000 takes.
  double create() {
    std::vector<cairn::NewInstance<std::string>> batch = instances(1'000);
    const Stopwatch watch;
    workflow_.create_batch(std::move(batch));
    return watch.seconds();
  }

 private:
  cairn::Engine engine_;
  cairn::Workflow<std::string, void> workflow_;
};

void run_create(Trial& trial) {
  constexpr std::size_t turns = 12;
  constexpr std::size_t batches = 10;  // in a turn, of about 50 ms
  std::list<Creator> creators;
  for (const std::size_t rows : sizes) creators.emplace_back(file_with(trial, rows));
  std::array<double, 3> seconds{};
  for (std::size_t turn = 0; turn < turns; ++turn) {
    auto seconds_of = seconds.begin();
    for (Creator& creator : creators) {
      for (std::size_t batch = 0; batch < batches; ++batch) *seconds_of += creator.create();
      ++seconds_of;
    }
  }
  record(trial, "instances/s", 1'000 * batches * turns, seconds);
}

// --------------------------------------------------------------------------------------------------- steps

constexpr std::size_t in_flight = 10'000;

double run_engine(const std::filesystem::path& file) {
  const auto tally = std::make_shared<Tally>();
  cairn::EngineOptions options;
  options.workers = 2;
  options.concurrency = in_flight;
  options.sweep_interval = cairn::Duration{0};
  cairn::Engine engine{std::make_unique<CountingStore>(cairn::open_sqlite(file), tally), options};
  auto workflow = define_steps(engine);
  engine.start();
  std::vector<cairn::NewInstance<std::string>> batch = instances(in_flight);
  const Stopwatch watch;
  workflow.create_batch(std::move(batch));
  tally->wait_for(in_flight);
  return watch.seconds();
}

void run_steps(Trial& trial) {
  constexpr std::size_t turns = 2;
  std::array<double, 3> seconds{};
  for (std::size_t turn = 0; turn < turns; ++turn) {
    // There and back, so that what drifts hits all alike.
    for (std::size_t place = 0; place < sizes.size(); ++place) {
      const std::size_t at = turn % 2 == 0 ? place : sizes.size() - 1 - place;
      seconds[at] += run_engine(file_with(trial, sizes[at]));
    }
  }
  record(trial, "steps/s", in_flight * steps * turns, seconds);
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmarks(argc, argv, "growth", [](Bench& bench) {
    bench.add("create", 5, run_create);
    bench.add("10 steps", 5, run_steps);
  });
}
