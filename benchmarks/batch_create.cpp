// How fast does cairn create instances in batches, durably, and how far is that from what SQLite itself can
// do?
//
// For each size of batch and of params the public API and the yardstick of yardstick.hpp run in turns; the
// table at the end gives the median rates and the ratio with its spread. Only the ratio can be compared
// between machines and days. What is timed and what is not: batch_comparison.hpp.
//
// Usage: batch_create [--directory=DIR] [Google Benchmark's options]; DIR must be on a disk, default: where
// it runs.

#include "benchmarks/batch_comparison.hpp"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <list>
#include <string_view>

namespace {

using cairn::benchmarks::Comparison;
using cairn::benchmarks::Line;
using cairn::benchmarks::Rates;

constexpr int repetitions = 7;

void create_batches(benchmark::State& state, const std::filesystem::path& folder, Line& line) {
  for (auto _ : state) {
    const Rates rates = cairn::benchmarks::compare(folder, line.comparison);
    line.repetitions.push_back(rates);
    state.SetIterationTime(static_cast<double>(line.comparison.batch) / rates.cairn);
    state.counters["cairn_rows/s"] = rates.cairn;
    state.counters["sqlite_rows/s"] = rates.yardstick;
    state.counters["ratio"] = rates.ratio();
  }
}

// Takes `--directory=DIR` out of the arguments.
std::filesystem::path take_directory(int& argc, char** argv) {
  constexpr std::string_view option = "--directory=";
  std::filesystem::path directory = ".";
  int kept = 1;
  for (int index = 1; index < argc; ++index) {
    const std::string_view argument = argv[index];
    if (argument.starts_with(option)) {
      directory = argument.substr(option.size());
    } else {
      argv[kept++] = argv[index];
    }
  }
  argc = kept;
  return directory;
}

std::list<Line> register_all(const std::filesystem::path& folder) {
  std::list<Line> lines;
  for (const std::size_t params_bytes : {100, 1'024}) {
    for (const std::size_t batch : {1, 10, 100, 1'000, 10'000, 100'000}) {
      Line& line = lines.emplace_back();
      line.comparison.batch = batch;
      line.comparison.params_bytes = params_bytes;
      const std::string name = "create_batch/params:" + std::to_string(params_bytes) +
                               "/batch:" + std::to_string(batch);
      benchmark::RegisterBenchmark(name.c_str(),
                                   [&](benchmark::State& state) { create_batches(state, folder, line); })
          ->UseManualTime()
          ->Iterations(1)
          ->Repetitions(repetitions)
          ->DisplayAggregatesOnly();
    }
  }
  return lines;
}

int run(int argc, char** argv) {
  const std::filesystem::path folder = take_directory(argc, argv);
  cairn::benchmarks::require_disk(folder);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 64;
  std::list<Line> lines = register_all(folder);
  benchmark::RunSpecifiedBenchmarks();
  std::erase_if(lines, [](const Line& line) { return line.repetitions.empty(); });
  std::printf("\nSQLite %s, medians of %d runs\n%s", cairn::benchmarks::sqlite_version().c_str(), repetitions,
              cairn::benchmarks::format_table({lines.begin(), lines.end()}).c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "batch_create: %s\n", error.what());
    return 1;
  }
}
