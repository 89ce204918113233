// After a crash, how soon does an engine run bodies again, and what does a large file cost it?
//
// A process creates instances that end after one step, some that wait for a day, and some whose step is
// running when the process ends without a word. Copies of these rows make 10,000,000 instances: 1,000,000
// wait, 10,000 were running, the others have ended. Another process opens that file, none of which the system
// has in memory, and starts an engine; each body that runs there is one that was cut off. At the end its
// memory is counted, at its peak.

#include "benchmarks/bench.hpp"
#include "benchmarks/child.hpp"
#include "benchmarks/counting_store.hpp"
#include "benchmarks/filled_file.hpp"
#include "benchmarks/memory.hpp"
#include "benchmarks/support.hpp"

#include <cairn/cairn.hpp>

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace cairn::benchmarks;

constexpr std::size_t times = 100;
constexpr std::size_t running = 100;
constexpr std::size_t waiting = 10'000;
constexpr std::size_t ended = 89'900;
constexpr std::size_t batch = 10'000;

enum class Fate : char { end = 'e', wait = 'w', run = 'r' };

using Work = cairn::Workflow<std::string, void>;

// The first character says what becomes of it; 100 bytes with the quotes.
std::string params(Fate fate) {
  return static_cast<char>(fate) + std::string(97, 'p');
}

// The workflow of both processes, which differ in what their bodies do.
struct Recovery {
  std::function<void(Fate)> body;

  cairn::Task<void> operator()(cairn::Context& ctx, std::string params) const {
    const auto fate = static_cast<Fate>(params.front());
    const auto run = [this, fate] { body(fate); };
    if (fate == Fate::wait) co_await ctx.sleep("sleep", std::chrono::hours{24});
    co_await ctx.step("step", run);
  }
};

cairn::EngineOptions options() {
  cairn::EngineOptions options;
  options.workers = 2;
  options.sweep_interval = cairn::Duration{0};
  return options;
}

void create(Work& workflow, Fate fate, std::size_t count) {
  for (std::size_t done = 0; done < count; done += batch) {
    workflow.create_batch({std::min(batch, count - done), {.params = params(fate)}});
  }
}

// Child: leaves a file as a killed process does.
int crash(const char* file) {
  const auto tally = std::make_shared<Tally>();
  cairn::Engine engine{std::make_unique<CountingStore>(cairn::open_sqlite(file), tally), options()};
  Work workflow = engine.define("recovery", Recovery{[](Fate fate) {
                                  if (fate == Fate::run) std::this_thread::sleep_for(std::chrono::hours{1});
                                }});
  engine.start();
  create(workflow, Fate::end, ended);
  create(workflow, Fate::wait, waiting);
  tally->wait_until(
      [](const Tally::Counts& counts) { return counts.finished >= ended && counts.waits >= waiting; });
  // Slots are free: they begin in the group that creates them.
  create(workflow, Fate::run, running);
  ::_exit(0);
}

// Child: recovers.
int recover(const char* file) {
  const Stopwatch watch;
  const auto tally = std::make_shared<Tally>();
  std::atomic<double> first_body = 0;
  cairn::Engine engine{std::make_unique<CountingStore>(cairn::open_sqlite(file), tally), options()};
  const double opened = watch.seconds();
  engine.define("recovery", Recovery{[&](Fate) {
                  double none = 0;
                  first_body.compare_exchange_strong(none, watch.seconds());
                }});
  const double starts = watch.seconds();
  engine.start();
  tally->wait_for(running * times);
  tell("open", opened);
  tell("first_body", first_body - starts);
  tell("first_body_after_open", first_body);
  tell("all", watch.seconds() - starts);
  tell("resident", resident_mib());
  tell("peak", peak_resident_mib());
  return 0;
}

void require(const std::filesystem::path& file, cairn::Status status, std::size_t count) {
  const std::int64_t found = count_instances(file, status);
  if (found != static_cast<std::int64_t>(count)) {
    throw std::runtime_error{std::to_string(found) + " instances are " + std::string{to_string(status)} +
                             " instead of " + std::to_string(count)};
  }
}

void run_recovery(Trial& trial) {
  const std::string file = (trial.folder() / "cairn.db").string();
  run_again({"--crash", file});
  require(file, cairn::Status::running, running);
  require(file, cairn::Status::waiting, waiting);
  require(file, cairn::Status::complete, ended);
  repeat_instances(file, times);
  const Figures told = run_again({"--recover", file});
  require(file, cairn::Status::waiting, waiting * times);
  require(file, cairn::Status::complete, (ended + running) * times);
  trial.took(told.at("first_body_after_open"));
  trial.record("open, s", told.at("open"));
  trial.record("first body after start, s", told.at("first_body"), at_most(1));
  trial.record("first body after open, s", told.at("first_body_after_open"), at_most(1));
  trial.record("10,000 recovered and ended, s", told.at("all"));
  trial.record("RSS then, MiB", told.at("resident"));
  trial.record("RSS at its peak, MiB", told.at("peak"), at_most(256));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view part = argc == 3 ? argv[1] : "";
  if (part == "--crash") return crash(argv[2]);
  if (part == "--recover") return recover(argv[2]);
  return run_benchmarks(argc, argv, "recovery",
                        [](Bench& bench) { bench.add("10,000,000 instances", 1, run_recovery); });
}
