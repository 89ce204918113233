// What do instances cost that do nothing but sleep, in memory and in the file?
//
// A process of its own runs an engine, creates 1,000,000 instances with params of 100 bytes, and waits until
// each of them has recorded its sleep of a day. Its memory is counted then, with SQLite's cache and before
// anything has been given back; and once more after a batch of 10,000, whose instances may begin in one
// group. The file is counted once it is closed. Copies of these rows make ten times as many. Another process
// starts an engine on that file and puts further instances asleep, until SQLite's cache is full. Then its
// clock leaps to 20 s before the first of the sleepers is due, so that its window of timers is full too, and
// it is counted.

#include "benchmarks/bench.hpp"
#include "benchmarks/child.hpp"
#include "benchmarks/counting_store.hpp"
#include "benchmarks/filled_file.hpp"
#include "benchmarks/leaping_clock.hpp"
#include "benchmarks/memory.hpp"
#include "benchmarks/support.hpp"

#include <cairn/cairn.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace cairn::benchmarks;

constexpr std::size_t instances = 1'000'000;
constexpr std::size_t times = 10;
constexpr std::size_t large = 10'000;     // a batch
constexpr std::size_t further = 200'000;  // fills SQLite's cache of 64 MiB
constexpr auto day = std::chrono::hours{24};

cairn::Task<void> sleep_a_day(cairn::Context& ctx, std::string /*params*/) {
  co_await ctx.sleep("sleep", day);
}

cairn::EngineOptions options(std::shared_ptr<cairn::Clock> clock) {
  cairn::EngineOptions options;
  options.clock = std::move(clock);
  options.sweep_interval = cairn::Duration{0};
  return options;
}

// Creates instances in batches of that size, and waits until all are asleep.
void put_asleep(cairn::Workflow<std::string, void>& workflow, Tally& tally, std::size_t count,
                std::size_t batch) {
  const std::size_t waits = tally.counts().waits + count;
  const cairn::NewInstance<std::string> entry{.params = std::string(98, 'p')};  // and two quotes
  for (std::size_t done = 0; done < count; done += batch) workflow.create_batch({batch, entry});
  tally.wait_until([&](const Tally::Counts& counts) { return counts.waits >= waits; });
}

// Child: creates the instances, and measures when all are asleep.
int create(const char* file) {
  const auto tally = std::make_shared<Tally>();
  cairn::Engine engine{std::make_unique<CountingStore>(cairn::open_sqlite(file), tally),
                       options(cairn::system_clock())};
  auto workflow = engine.define("sleepers", sleep_a_day);
  engine.start();
  const Stopwatch watch;
  put_asleep(workflow, *tally, instances, 1'000);
  tell("seconds", watch.seconds());
  tell("resident", resident_mib());
  put_asleep(workflow, *tally, large, large);
  tell("resident_after_large", resident_mib());
  return 0;
}

// Child: runs an engine on a file of sleepers, of whom the first wakes then.
int keep(const char* file, cairn::Time first_wake) {
  const auto tally = std::make_shared<Tally>();
  const auto clock = std::make_shared<LeapingClock>();
  const Stopwatch watch;
  cairn::Engine engine{std::make_unique<CountingStore>(cairn::open_sqlite(file), tally), options(clock)};
  auto workflow = engine.define("sleepers", sleep_a_day);
  engine.start();
  tell("seconds", watch.seconds());
  put_asleep(workflow, *tally, further, 1'000);
  clock->leap(first_wake - std::chrono::seconds{20} - clock->now());
  // The turn that creates it reads the timers that have come near.
  workflow.create({.params = std::string(98, 'p')});
  tell("resident", resident_mib());
  return 0;
}

void run_sleepers(Trial& trial) {
  const Stopwatch watch;
  const std::string file = (trial.folder() / "cairn.db").string();
  Figures told = run_again({"--create", file});
  const auto bytes = [&](std::size_t sleepers) {
    return static_cast<double>(std::filesystem::file_size(file)) / static_cast<double>(sleepers);
  };
  trial.record("1 M created and asleep, instances/s", instances / told.at("seconds"));
  trial.record("1 M, RSS, MiB", told.at("resident"), at_most(96));
  trial.record("1 M, RSS after one more batch of 10,000, MiB", told.at("resident_after_large"));
  trial.record("1 M, file, bytes an instance", bytes(instances + large), at_most(500));

  repeat_instances(file, times);
  told = run_again({"--keep", file, std::to_string(first_wake(file).time_since_epoch().count())});
  trial.record("10 M, opened and started, s", told.at("seconds"));
  trial.record("10 M, RSS, MiB", told.at("resident"), at_most(128));
  trial.record("10 M, file, bytes an instance", bytes((instances + large) * times + further + 1),
               at_most(500));
  trial.took(watch.seconds());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view part = argc > 2 ? argv[1] : "";
  if (part == "--create") return create(argv[2]);
  if (part == "--keep" && argc == 4) return keep(argv[2], cairn::Time{cairn::Duration{std::stoll(argv[3])}});
  return run_benchmarks(argc, argv, "sleepers",
                        [](Bench& bench) { bench.add("100-byte params, one sleep", 1, run_sleepers); });
}
