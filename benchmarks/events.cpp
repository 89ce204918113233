// How many events a second reach waiting instances?
//
// 100,000 instances wait for an event of the same type. 256 threads send each of them one; the time goes from
// the first send until the end of the last instance is on disk.

#include "benchmarks/bench.hpp"
#include "benchmarks/counting_store.hpp"
#include "benchmarks/support.hpp"

#include <cairn/cairn.hpp>

#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cairn::benchmarks;

constexpr std::size_t instances = 100'000;
constexpr std::size_t threads = 256;

cairn::Task<int> wait_for_approval(cairn::Context& ctx) {
  cairn::Event event = co_await ctx.wait_for_event("approval", {.type = "approval"});
  co_return event.payload.get<int>();
}

void run_events(Trial& trial) {
  const auto tally = std::make_shared<Tally>();
  cairn::EngineOptions options;
  options.workers = 2;
  options.concurrency = 10'000;
  options.sweep_interval = cairn::Duration{0};
  cairn::Engine engine{
      std::make_unique<CountingStore>(cairn::open_sqlite(trial.folder() / "cairn.db"), tally), options};
  auto workflow = engine.define("events", wait_for_approval);
  engine.start();
  std::vector<cairn::Instance<int>> waiting;
  for (std::size_t done = 0; done < instances; done += 10'000) {
    const auto result = workflow.create_batch(std::vector<cairn::NewInstance<void>>(10'000));
    for (const auto& created : result.created) waiting.push_back(workflow.get(created.id));
  }
  tally->wait_until([](const Tally::Counts& counts) { return counts.waits >= instances; });

  const Stopwatch watch;
  {
    std::vector<std::jthread> senders;
    for (std::size_t sender = 0; sender < threads; ++sender) {
      senders.emplace_back([&, sender] {
        for (std::size_t at = sender; at < instances; at += threads) waiting[at].send_event("approval", 1);
      });
    }
  }
  const double sent = watch.seconds();
  tally->wait_for(instances);
  trial.took(watch.seconds());
  trial.record("sends/s", instances / sent);
  trial.record("events/s", instances / watch.seconds(), at_least(30'000));
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmarks(argc, argv, "events",
                        [](Bench& bench) { bench.add("100,000 waiting", 3, run_events); });
}
