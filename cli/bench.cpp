#include "benchmarks/batch_comparison.hpp"
#include "benchmarks/support.hpp"
#include "cli/commands.hpp"

namespace cairn::cli {

std::string bench(const BenchOptions& options) {
  constexpr int repetitions = 3;
  benchmarks::require_disk(options.directory);
  std::vector<benchmarks::Line> lines;
  for (const std::size_t batch : options.rows) {
    benchmarks::Line& line = lines.emplace_back();
    line.comparison.batch = batch;
    line.comparison.params_bytes = options.params_bytes;
    line.comparison.time_max = std::chrono::milliseconds{500};
    for (int repetition = 0; repetition < repetitions; ++repetition) {
      line.repetitions.push_back(benchmarks::compare(options.directory, line.comparison));
    }
  }
  return "Instances that are created, durably, in batches; beside it what a plain loop\n"
         "over SQLite " +
         benchmarks::sqlite_version() + " writes. Medians of " + std::to_string(repetitions) + " runs.\n\n" +
         benchmarks::format_table(lines);
}

}  // namespace cairn::cli
