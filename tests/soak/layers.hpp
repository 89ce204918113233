#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cairn::soak {

/// A harness as the soak runs it: a program that prints `[count] …` lines, and fails by its exit status.
struct Layer {
  std::string name = {};
  std::string program = {};
  std::vector<std::string> arguments = {};
  /// NAME=VALUE; `{seed}` stands for the seed.
  std::vector<std::string> environment = {};
};

/// All layers of this build, in the order of their rotation.
[[nodiscard]] std::vector<Layer> all_layers();

/// One run of a layer.
struct Run {
  std::string layer = {};
  std::uint64_t seed = 0;
  bool passed = false;
  double seconds = 0;
  std::map<std::string, std::uint64_t> counts = {};
  std::string output = {};
};

/// Runs the layer in a process of its own, with a limit of time after which it counts as failed. Throws
/// `std::system_error` when it cannot be started.
[[nodiscard]] Run run(const Layer& layer, std::uint64_t seed);

}  // namespace cairn::soak
