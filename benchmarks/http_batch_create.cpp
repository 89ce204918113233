// How many instances a second can be created over HTTP, in batches?
//
// A client on the same machine POSTs batches of 100 or 1,000 over connections that stay open, to an engine
// that is not started: creating alone is measured. Beside it, in turns of some 50 ms, the yardstick of
// yardstick.hpp writes as many rows in transactions of 1,000. An answer is 1.5 times as long as its request.

#include "benchmarks/bench.hpp"
#include "benchmarks/http_host.hpp"
#include "benchmarks/http_load.hpp"
#include "benchmarks/support.hpp"
#include "benchmarks/yardstick.hpp"

#include <string>

namespace {

using namespace cairn::benchmarks;

constexpr std::size_t params_bytes = 100;
constexpr std::size_t yardstick_batch = 1'000;
constexpr std::size_t instances_a_turn = 10'000;
constexpr std::size_t turns = 20;
constexpr std::size_t connections = 4;

std::string batch_request(std::size_t batch) {
  std::string body = "[";
  for (std::size_t index = 0; index < batch; ++index) {
    if (index > 0) body += ',';
    body += R"({"params":)" + order_params(params_bytes) + '}';
  }
  return HttpHost::post("/batch", body + ']');
}

void run_batches(Trial& trial, std::size_t batch) {
  const HttpHost host{trial.folder() / "cairn.db"};
  HttpLoad load{host.port(), connections};
  const std::string request = batch_request(batch);
  Yardstick yardstick{trial.folder() / "yardstick.db"};
  RisingIds ids{yardstick_batch};
  const std::string params = order_params(params_bytes);

  double ours = 0;
  double bare = 0;
  for (std::size_t turn = 0; turn <= turns; ++turn) {
    const Stopwatch watch;
    load.run(request, instances_a_turn / batch, 200);
    const double seconds = watch.seconds();
    const Stopwatch bare_watch;
    for (std::size_t done = 0; done < instances_a_turn; done += yardstick_batch) {
      yardstick.insert(ids.next(), params);
    }
    if (turn == 0) continue;  // warms both sides up
    ours += seconds;
    bare += bare_watch.seconds();
  }
  const auto instances = static_cast<double>(instances_a_turn * turns);
  trial.took(ours / instances * static_cast<double>(batch));
  trial.record("instances/s", instances / ours);
  trial.record("SQLite alone in batches of 1,000, rows/s", instances / bare);
  trial.record("ratio", bare / ours, batch == 1'000 ? std::optional{at_least(0.4)} : std::nullopt);
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmarks(argc, argv, "http_batch_create", [](Bench& bench) {
    for (const std::size_t batch : {100, 1'000}) {
      bench.add(with_commas(static_cast<double>(batch)) + " a request", 5,
                [batch](Trial& trial) { run_batches(trial, batch); });
    }
  });
}
