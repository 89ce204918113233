// How many events a second reach waiting instances?
//
// 100,000 instances wait for an event of the same type. Each is sent one: by 256 threads that wait for each
// event of theirs, or by one thread that has 1,000 on their way and sends the next when it is called back.
// The time goes from the first send until the end of the last instance is on disk.

#include "benchmarks/bench.hpp"
#include "benchmarks/counting_store.hpp"
#include "benchmarks/support.hpp"

#include <cairn/asio.hpp>
#include <cairn/cairn.hpp>

#include <boost/asio/bind_executor.hpp>

#include <exception>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cairn::benchmarks;
using Waiting = std::vector<cairn::Instance<int>>;

constexpr std::size_t instances = 100'000;
constexpr std::size_t threads = 256;
constexpr std::size_t on_their_way = 1'000;

cairn::Task<int> wait_for_approval(cairn::Context& ctx) {
  cairn::Event event = co_await ctx.wait_for_event("approval", {.type = "approval"});
  co_return event.payload.get<int>();
}

void send_from_threads(const Waiting& waiting) {
  std::vector<std::jthread> senders;
  for (std::size_t sender = 0; sender < threads; ++sender) {
    senders.emplace_back([&, sender] {
      for (std::size_t at = sender; at < waiting.size(); at += threads) waiting[at].send_event("approval", 1);
    });
  }
}

class AsyncSender {
 public:
  explicit AsyncSender(const Waiting& waiting) : waiting_(waiting) {}

  void run() {
    for (std::size_t sent = 0; sent < on_their_way; ++sent) send_next();
    io_.run();
  }

 private:
  void send_next() {
    if (next_ == waiting_.size()) return;
    waiting_[next_++].async_send_event("approval", 1,
                                       boost::asio::bind_executor(io_, [this](std::exception_ptr error) {
                                         if (error) std::rethrow_exception(error);
                                         send_next();
                                       }));
  }

  const Waiting& waiting_;
  std::size_t next_ = 0;
  boost::asio::io_context io_{1};
};

template <class Send>
void run_events(Trial& trial, Send send) {
  const auto tally = std::make_shared<Tally>();
  cairn::EngineOptions options;
  options.workers = 2;
  options.concurrency = 10'000;
  options.sweep_interval = cairn::Duration{0};
  cairn::Engine engine{
      std::make_unique<CountingStore>(cairn::open_sqlite(trial.folder() / "cairn.db"), tally), options};
  auto workflow = engine.define("events", wait_for_approval);
  engine.start();
  Waiting waiting;
  for (std::size_t done = 0; done < instances; done += 10'000) {
    const auto result = workflow.create_batch(std::vector<cairn::NewInstance<void>>(10'000));
    for (const auto& created : result.created) waiting.push_back(workflow.get(created.id));
  }
  tally->wait_until([](const Tally::Counts& counts) { return counts.waits >= instances; });

  const Stopwatch watch;
  send(waiting);
  const double sent = watch.seconds();
  tally->wait_for(instances);
  trial.took(watch.seconds());
  trial.record("sends/s", instances / sent);
  trial.record("events/s", instances / watch.seconds(), at_least(30'000));
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmarks(argc, argv, "events", [](Bench& bench) {
    bench.add("100,000 waiting, 256 threads", 3, [](Trial& trial) { run_events(trial, send_from_threads); });
    bench.add("100,000 waiting, one thread called back", 3, [](Trial& trial) {
      run_events(trial, [](const Waiting& waiting) { AsyncSender{waiting}.run(); });
    });
  });
}
