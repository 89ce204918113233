// How many instances a second can be created over HTTP, one by one, and how long does each take?
//
// A client on the same machine keeps 64 connections busy, each with one request after the other, to an engine
// that is not started: creating alone is measured. What the disk needs for one flush is measured before and
// after it, in the same folder.

#include "benchmarks/bench.hpp"
#include "benchmarks/flush_probe.hpp"
#include "benchmarks/http_host.hpp"
#include "benchmarks/http_load.hpp"
#include "benchmarks/support.hpp"

#include <string>
#include <vector>

namespace {

using namespace cairn::benchmarks;

constexpr std::size_t connections = 64;
constexpr std::size_t warm_up = 5'000;
constexpr std::size_t requests = 50'000;

void run_creates(Trial& trial) {
  const double flush_before = probe_flush(trial.folder());
  const HttpHost host{trial.folder() / "cairn.db"};
  HttpLoad load{host.port(), connections};
  const std::string request = HttpHost::post("", R"({"params":)" + order_params(100) + '}');

  load.run(request, warm_up, 200);
  const Stopwatch watch;
  const std::vector<double> latencies = load.run(request, requests, 200);
  const double seconds = watch.seconds();
  const double flush = (flush_before + probe_flush(trial.folder())) / 2;
  const double p99 = percentile(latencies, 0.99);
  trial.took(seconds / requests);
  trial.record("creates/s", requests / seconds, at_least(10'000));
  trial.record("p50, ms", 1e3 * percentile(latencies, 0.5));
  trial.record("p99, ms", 1e3 * p99);
  trial.record("one flush, ms", 1e3 * flush);
  trial.record("p99 / one flush", p99 / flush, at_most(20));
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmarks(argc, argv, "http_create",
                        [](Bench& bench) { bench.add("64 connections", 5, run_creates); });
}
