#pragma once

#include "tests/soak/layers.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace cairn::soak {

/// What a soak has done so far. Written anew after every run, so that one that is cut off has its report.
class Report {
 public:
  explicit Report(std::filesystem::path folder) : folder_{std::move(folder)} {}

  /// Keeps what a failed run said in a file beside the report.
  void add(const Run& run);
  /// `soak.md` and `soak.json`.
  void write() const;
  [[nodiscard]] std::size_t failures() const { return failed_.size(); }

 private:
  struct Sum {
    std::size_t runs = 0;
    double seconds = 0;
    std::uint64_t first_seed = 0;
    std::uint64_t last_seed = 0;
    std::map<std::string, std::uint64_t> counts = {};
  };
  struct Failure {
    std::string layer;
    std::uint64_t seed = 0;
    std::string file;
  };

  [[nodiscard]] std::string markdown() const;
  [[nodiscard]] std::string json_text() const;

  const std::filesystem::path folder_;
  std::vector<std::string> order_;
  std::map<std::string, Sum> sums_;
  std::vector<Failure> failed_;
};

}  // namespace cairn::soak
