// cairn-soak: all harnesses in rotation, with new seeds each time, for as long as one likes.

#include "tests/soak/layers.hpp"
#include "tests/soak/report.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <random>
#include <string>
#include <system_error>
#include <vector>

namespace {

using namespace cairn::soak;

struct Options {
  double hours = 1;
  std::uint64_t seed = 0;  // 0: by chance
  std::string folder = "soak";
  std::vector<std::string> only;
  std::vector<std::string> replay;
};

const Layer& find(const std::vector<Layer>& layers, const std::string& name) {
  const auto found = std::ranges::find(layers, name, &Layer::name);
  if (found != layers.end()) return *found;
  std::string names;
  for (const Layer& layer : layers) names += " " + layer.name;
  throw CLI::ValidationError{"layer", "\"" + name + "\" is none; the layers are" + names};
}

std::uint64_t to_seed(const std::string& word) {
  std::uint64_t seed = 0;
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, seed);
  if (error == std::errc{} && stop == end) return seed;
  throw CLI::ValidationError{"seed", "\"" + word + "\" is none; a seed is a number from 0 to 2^64 - 1"};
}

int replay(const std::vector<Layer>& layers, const std::vector<std::string>& words) {
  const Run again = run(find(layers, words[0]), to_seed(words[1]));
  std::cout << again.output << (again.passed ? "passed\n" : "FAILED\n");
  return again.passed ? 0 : 1;
}

int soak(const std::vector<Layer>& layers, const Options& options) {
  std::filesystem::create_directories(options.folder);
  Report report{options.folder};
  std::uint64_t seed = options.seed != 0 ? options.seed : std::random_device{}();
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                       std::chrono::duration<double, std::ratio<3'600>>{options.hours});
  do {
    for (const Layer& layer : layers) {
      const Run one = run(layer, seed);
      report.add(one);
      report.write();
      std::cout << layer.name << " " << seed << ": " << (one.passed ? "passed" : "FAILED");
      for (const auto& [what, count] : one.counts) std::cout << ", " << count << ' ' << what;
      std::cout << std::endl;
      if (std::chrono::steady_clock::now() >= end) break;
    }
    ++seed;
  } while (std::chrono::steady_clock::now() < end);
  std::cout << "the report is in " << options.folder << '\n';
  return report.failures() == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Runs all harnesses in rotation, and reports what they have done.", "cairn-soak"};
  Options options;
  app.add_option("--hours", options.hours, "How long; a rotation that has begun ends with its layer")
      ->check(CLI::PositiveNumber);
  app.add_option("--seed", options.seed, "The first seed (default: by chance); each rotation adds one");
  app.add_option("--folder", options.folder, "Takes soak.md, soak.json and what failed runs said")
      ->capture_default_str();
  app.add_option("--only", options.only, "These layers alone");
  app.add_option("--replay", options.replay, "Runs one layer once more")
      ->expected(2)
      ->type_name("LAYER SEED");
  try {
    app.parse(argc, argv);
    std::vector<Layer> layers = all_layers();
    if (!options.replay.empty()) return replay(layers, options.replay);
    if (!options.only.empty()) {
      std::vector<Layer> chosen;
      for (const std::string& name : options.only) chosen.push_back(find(layers, name));
      layers = std::move(chosen);
    }
    return soak(layers, options);
  } catch (const CLI::Error& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    std::cerr << "cairn-soak: " << error.what() << '\n';
    return 1;
  }
}
