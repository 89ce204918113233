#include "tests/soak/report.hpp"

#include <cairn/time.hpp>

#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

namespace cairn::soak {

namespace {

std::string now() {
  return to_iso8601(std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()));
}

std::string minutes(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", seconds / 60);
  return text;
}

std::string in_words(const std::map<std::string, std::uint64_t>& counts) {
  std::string text;
  for (const auto& [what, count] : counts) {
    if (!text.empty()) text += ", ";
    text += std::to_string(count) + " " + what;
  }
  return text;
}

void replace(const std::filesystem::path& file, const std::string& text) {
  const std::filesystem::path fresh = file.string() + ".new";
  std::ofstream{fresh, std::ios::binary} << text;
  std::filesystem::rename(fresh, file);
}

}  // namespace

void Report::add(const Run& run) {
  const auto [found, is_new] = sums_.try_emplace(run.layer);
  Sum& sum = found->second;
  if (is_new) {
    order_.push_back(run.layer);
    sum.first_seed = run.seed;
  }
  ++sum.runs;
  sum.seconds += run.seconds;
  sum.last_seed = run.seed;
  for (const auto& [what, count] : run.counts) sum.counts[what] += count;
  if (run.passed) return;
  const std::string file = run.layer + "-" + std::to_string(run.seed) + ".txt";
  std::ofstream{folder_ / file, std::ios::binary} << run.output;
  failed_.push_back({run.layer, run.seed, file});
}

void Report::write() const {
  replace(folder_ / "soak.md", markdown());
  replace(folder_ / "soak.json", json_text());
}

std::string Report::markdown() const {
  std::ostringstream out;
  double seconds = 0;
  for (const auto& [name, sum] : sums_) seconds += sum.seconds;
  out << "# Soak\n\n"
      << "Until " << now() << ", " << minutes(seconds) << " minutes on "
      << std::thread::hardware_concurrency() << " processors; SQLite " << sqlite3_libversion() << ", "
      << __VERSION__ << ".\n\n"
      << "| layer | runs | seeds | minutes | counts | failed |\n|---|---|---|---|---|---|\n";
  for (const std::string& name : order_) {
    const Sum& sum = sums_.at(name);
    const auto failed = std::ranges::count(failed_, name, &Failure::layer);
    out << "| " << name << " | " << sum.runs << " | " << sum.first_seed << " to " << sum.last_seed << " | "
        << minutes(sum.seconds) << " | " << in_words(sum.counts) << " | " << failed << " |\n";
  }
  if (failed_.empty()) out << "\nNothing failed.\n";
  for (const Failure& failure : failed_) {
    out << "\n`cairn-soak --replay " << failure.layer << " " << failure.seed << "`: see " << failure.file
        << '\n';
  }
  return out.str();
}

std::string Report::json_text() const {
  nlohmann::ordered_json report;
  report["until"] = now();
  report["processors"] = std::thread::hardware_concurrency();
  report["sqlite"] = sqlite3_libversion();
  report["compiler"] = __VERSION__;
  report["layers"] = nlohmann::ordered_json::array();
  for (const std::string& name : order_) {
    const Sum& sum = sums_.at(name);
    report["layers"].push_back({{"layer", name},
                                {"runs", sum.runs},
                                {"first_seed", sum.first_seed},
                                {"last_seed", sum.last_seed},
                                {"seconds", sum.seconds},
                                {"counts", sum.counts}});
  }
  report["failures"] = nlohmann::ordered_json::array();
  for (const Failure& failure : failed_) {
    report["failures"].push_back(
        {{"layer", failure.layer}, {"seed", failure.seed}, {"output", failure.file}});
  }
  return report.dump(2) + "\n";
}

}  // namespace cairn::soak
