#include "benchmarks/bench.hpp"

#include "benchmarks/support.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <exception>

namespace cairn::benchmarks {
namespace {

// Rates with commas, small numbers with the digits that say something.
std::string format(double value) {
  if (std::abs(value) >= 1'000) return with_commas(value);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
  return text.data();
}

bool is_met(const Target& target, double value) {
  return target.kind == Target::Kind::at_least ? value >= target.bound : value <= target.bound;
}

void print(const std::string& name, const Figure& figure) {
  const auto [least, most] = std::minmax_element(figure.values.begin(), figure.values.end());
  const double middle = median(figure.values);
  std::string target;
  if (figure.target) {
    target = (figure.target->kind == Target::Kind::at_least ? "≥ " : "≤ ") + format(figure.target->bound);
    target += is_met(*figure.target, middle) ? ", met" : ", missed";
  }
  std::printf("| %s | %s | %s | %s to %s | %s |\n", name.c_str(), figure.name.c_str(), format(middle).c_str(),
              format(*least).c_str(), format(*most).c_str(), target.c_str());
}

void run_case(benchmark::State& state, const std::filesystem::path& shared, const Bench::Body& body,
              std::vector<Figure>& figures) {
  for (auto _ : state) {
    const Folder folder{shared};
    Trial trial{folder / "", shared, figures};
    body(trial);
    state.SetIterationTime(trial.seconds());
    for (const Figure& figure : figures) state.counters[figure.name] = figure.values.back();
  }
}

}  // namespace

void Trial::record(const std::string& name, double value, std::optional<Target> target) {
  auto figure = std::find_if(figures_.begin(), figures_.end(),
                             [&](const Figure& f) { return f.name == name; });
  if (figure == figures_.end()) figure = figures_.insert(figure, {name, target, {}});
  figure->values.push_back(value);
}

int run_benchmarks(int argc, char** argv, const std::string& program,
                   const std::function<void(Bench&)>& fill) {
  try {
    const std::filesystem::path directory = take_directory(argc, argv);
    require_disk(directory);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 64;
    Bench bench;
    fill(bench);
    const Folder shared{directory};
    for (Bench::Case& each : bench.cases_) {
      benchmark::RegisterBenchmark(
          (program + "/" + each.name).c_str(),
          [&](benchmark::State& state) { run_case(state, shared / "", each.body, each.figures); })
          ->UseManualTime()
          ->Iterations(1)
          ->Repetitions(each.repetitions)
          ->DisplayAggregatesOnly();
    }
    benchmark::RunSpecifiedBenchmarks();
    std::printf("\n| %s | figure | median | spread | target |\n|---|---|---|---|---|\n", program.c_str());
    for (const Bench::Case& each : bench.cases_) {
      for (const Figure& figure : each.figures) print(each.name, figure);
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", program.c_str(), error.what());
    return 1;
  }
}

}  // namespace cairn::benchmarks
