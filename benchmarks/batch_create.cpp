// How fast does cairn create instances in batches, durably, and how far is that from what SQLite itself can
// do?
//
// For each size of batch and of params the public API and the yardstick of yardstick.hpp, row by row and with
// up to 50 rows a statement, run in turns. Only the ratios can be compared between machines and days. What is
// timed and what is not: batch_comparison.hpp.

#include "benchmarks/batch_comparison.hpp"
#include "benchmarks/bench.hpp"

#include <string>

namespace {

using namespace cairn::benchmarks;

void create_batches(Trial& trial, const Comparison& comparison) {
  const Rates rates = compare(trial.folder(), comparison);
  const bool has_target = comparison.params_bytes == 100 &&
                          (comparison.batch == 1'000 || comparison.batch == 10'000);
  trial.took(static_cast<double>(comparison.batch) / rates.cairn);
  trial.record("instances/s", rates.cairn);
  trial.record("SQLite, rows/s", rates.yardstick);
  trial.record("ratio", rates.ratio(), has_target ? std::optional{at_least(1)} : std::nullopt);
  trial.record("SQLite with many rows a statement, rows/s", rates.multi_row);
  trial.record("ratio to many rows a statement", rates.cairn / rates.multi_row);
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmarks(argc, argv, "batch_create", [](Bench& bench) {
    for (const std::size_t params_bytes : {100, 1'024}) {
      for (const std::size_t batch : {1, 10, 100, 1'000, 10'000, 100'000}) {
        Comparison comparison;
        comparison.batch = batch;
        comparison.params_bytes = params_bytes;
        comparison.multi_row = true;
        bench.add(std::to_string(params_bytes) + " B, batches of " + std::to_string(batch), 7,
                  [comparison](Trial& trial) { create_batches(trial, comparison); });
      }
    }
  });
}
