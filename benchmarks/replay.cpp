// How long does it take to bring an instance back that has left memory?
//
// Instances of 1, 100 and 10,000 recorded steps wait for an event, and no waiting instance keeps its frames.
// An event brings each back: its record is read, then its workflow function runs from the top and is given
// every recorded result, until it comes to the line after the wait. The replay is the time from when the
// store has answered with the record until then; reading it is told beside it. What a step costs is the
// difference to instances without one, which take turns with the others: building frames and handing the
// event over cost the same for all.

#include "benchmarks/bench.hpp"
#include "benchmarks/counting_store.hpp"
#include "benchmarks/support.hpp"
#include "tests/forwarding_store.hpp"

#include <cairn/cairn.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace cairn::benchmarks;
using Clock = std::chrono::steady_clock;

struct Trace {
  std::atomic<std::size_t> reads = 0;  // of records
  std::atomic<std::size_t> bodies = 0;
  Clock::duration reading = {};  // of the last record
  Clock::time_point read_end = {};
  Clock::time_point arrival = {};  // at the line after the wait
};

// Takes the time of reading a record.
class TimedStore final : public cairn::testing::ForwardingStore {
 public:
  TimedStore(std::unique_ptr<Store> store, std::shared_ptr<Trace> trace)
      : ForwardingStore(std::move(store)), trace_(std::move(trace)) {}

  [[nodiscard]] std::vector<std::optional<cairn::History>> load(std::span<const cairn::Key> keys,
                                                                std::size_t output_bytes) override {
    return timed([&] { return ForwardingStore::load(keys, output_bytes); });
  }
  [[nodiscard]] std::vector<std::optional<cairn::History>> awaiting(
      std::span<const cairn::EventTarget> targets, std::size_t output_bytes) override {
    return timed([&] { return ForwardingStore::awaiting(targets, output_bytes); });
  }

 private:
  template <class Read>
  std::vector<std::optional<cairn::History>> timed(const Read& read) {
    const Clock::time_point begin = Clock::now();
    std::vector<std::optional<cairn::History>> histories = read();
    trace_->read_end = Clock::now();
    trace_->reading = trace_->read_end - begin;
    trace_->reads += histories.size();
    return histories;
  }

  std::shared_ptr<Trace> trace_;
};

struct StepsThenWait {
  std::shared_ptr<Trace> trace;

  cairn::Task<void> operator()(cairn::Context& ctx, std::size_t steps) const {
    for (std::size_t number = 0; number < steps; ++number) {
      co_await ctx.step("step", [this, number] {
        ++trace->bodies;
        return number;
      });
    }
    cairn::Event event = co_await ctx.wait_for_event("wait", {.type = "go"});
    trace->arrival = Clock::now();
  }
};

double microseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::micro>{duration}.count();
}

// Of instances with the same number of steps, in microseconds.
struct Times {
  std::vector<double> resume = {};  // from the send to the line after the wait
  std::vector<double> reading = {};
  std::vector<double> replay = {};
};

class Replays {
 public:
  explicit Replays(const std::filesystem::path& file) : engine_{store(file), options()} { engine_.start(); }

  // Leaves so many waiting, and out of memory.
  std::vector<std::string> prepare(std::size_t instances, std::size_t steps) {
    std::vector<std::string> ids;
    const auto result = workflow_.create_batch({instances, {.params = steps}});
    for (const cairn::CreatedInstance& created : result.created) ids.push_back(created.id);
    waiting_ += instances;
    bodies_ += instances * steps;
    tally_->wait_until([&](const Tally::Counts& counts) { return counts.waits == waiting_; });
    return ids;
  }

  void bring_back(const std::string& id, Times& times) {
    const auto instance = workflow_.get(id);
    const Clock::time_point begin = Clock::now();
    instance.send_event("go", 1);
    tally_->wait_for(++resumed_);
    times.resume.push_back(microseconds(trace_->arrival - begin));
    times.reading.push_back(microseconds(trace_->reading));
    times.replay.push_back(microseconds(trace_->arrival - trace_->read_end));
  }

  // Throws unless every instance was brought back from its record.
  void check() const {
    if (trace_->reads != resumed_) throw std::runtime_error{"not every instance was read once"};
    if (trace_->bodies != bodies_) throw std::runtime_error{"a body ran again"};
  }

 private:
  std::unique_ptr<cairn::Store> store(const std::filesystem::path& file) {
    return std::make_unique<CountingStore>(std::make_unique<TimedStore>(cairn::open_sqlite(file), trace_),
                                           tally_);
  }

  static cairn::EngineOptions options() {
    cairn::EngineOptions options;
    options.workers = 2;
    options.resident = 0;
    options.sweep_interval = cairn::Duration{0};
    options.limits.steps = 20'000;
    return options;
  }

  std::shared_ptr<Trace> trace_ = std::make_shared<Trace>();
  std::shared_ptr<Tally> tally_ = std::make_shared<Tally>();
  std::size_t waiting_ = 0;
  std::size_t resumed_ = 0;
  std::size_t bodies_ = 0;
  cairn::Engine engine_;
  cairn::Workflow<std::size_t, void> workflow_ = engine_.define("replay", StepsThenWait{trace_});
};

void run_replay(Trial& trial, std::size_t steps, std::size_t instances) {
  Replays replays{trial.folder() / "cairn.db"};
  const std::vector<std::string> without = replays.prepare(instances, 0);
  const std::vector<std::string> with = replays.prepare(instances, steps);
  Times bare;
  Times times;
  for (std::size_t at = 0; at < instances; ++at) {
    replays.bring_back(without[at], bare);
    replays.bring_back(with[at], times);
  }
  replays.check();
  const double step = (median(times.replay) - median(bare.replay)) / static_cast<double>(steps);
  trial.took(median(times.resume) / 1e6);
  trial.record("send to the line after the wait, µs", median(times.resume));
  trial.record("reading the record, µs", median(times.reading));
  trial.record("replay, µs", median(times.replay));
  trial.record("replay without a step, µs", median(bare.replay));
  trial.record("replay, µs/step", step, at_most(2));
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmarks(argc, argv, "replay", [](Bench& bench) {
    bench.add("1 step", 5, [](Trial& trial) { run_replay(trial, 1, 500); });
    bench.add("100 steps", 5, [](Trial& trial) { run_replay(trial, 100, 100); });
    bench.add("10,000 steps", 5, [](Trial& trial) { run_replay(trial, 10'000, 5); });
  });
}
