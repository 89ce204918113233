#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// The frame of a benchmark program: Google Benchmark runs the cases; at the end stands a Markdown table with
// the median of each figure, its spread, and whether it meets its target.
namespace cairn::benchmarks {

// What a figure has to reach.
struct Target {
  enum class Kind { at_least, at_most };
  Kind kind = Kind::at_least;
  double bound = 0;
};
[[nodiscard]] constexpr Target at_least(double bound) {
  return {Target::Kind::at_least, bound};
}
[[nodiscard]] constexpr Target at_most(double bound) {
  return {Target::Kind::at_most, bound};
}

// A figure of one case, over the repetitions.
struct Figure {
  std::string name;
  std::optional<Target> target;
  std::vector<double> values;
};

// One repetition of a case.
class Trial {
 public:
  Trial(const std::filesystem::path& folder, const std::filesystem::path& shared,
        std::vector<Figure>& figures)
      : folder_{folder}, shared_{shared}, figures_{figures} {}

  // A folder of this repetition alone, on a disk.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  // One that lasts as long as the program, for what takes too long to make each time.
  [[nodiscard]] const std::filesystem::path& shared_folder() const { return shared_; }
  // The name carries the unit, as in `steps/s`; a name without one is a ratio.
  void record(const std::string& name, double value, std::optional<Target> target = std::nullopt);
  // What Google Benchmark shows as the time.
  void took(double seconds) { seconds_ = seconds; }
  [[nodiscard]] double seconds() const { return seconds_; }

 private:
  std::filesystem::path folder_;
  std::filesystem::path shared_;
  std::vector<Figure>& figures_;
  double seconds_ = 0;
};

class Bench {
 public:
  using Body = std::function<void(Trial&)>;

  void add(std::string name, int repetitions, Body body) {
    cases_.push_back({std::move(name), repetitions, std::move(body), {}});
  }

 private:
  friend int run_benchmarks(int argc, char** argv, const std::string& program,
                            const std::function<void(Bench&)>& fill);
  struct Case {
    std::string name;
    int repetitions;
    Body body;
    std::vector<Figure> figures;
  };
  std::list<Case> cases_;
};

// The whole `main` of a program: fills the bench, runs it, prints the table. Options: `--directory=DIR` (must
// be on a disk; default: the current folder) and Google Benchmark's. Gives the exit status; a missed target
// does not change it.
int run_benchmarks(int argc, char** argv, const std::string& program,
                   const std::function<void(Bench&)>& fill);

}  // namespace cairn::benchmarks
