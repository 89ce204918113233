#pragma once

#include <cairn/status.hpp>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// What `cairn` does. Each command gives the text that it prints, whole; what goes wrong comes out as an
// exception before anything was printed.
namespace cairn::cli {

struct ListOptions {
  std::filesystem::path file;
  std::string workflow;  // its name; empty: all
  std::optional<Status> status;
  std::size_t limit = 25;
  bool as_json = false;
};
[[nodiscard]] std::string list(const ListOptions& options);

struct SweepOptions {
  std::filesystem::path file;
  bool confirm_clock = false;
  bool as_json = false;
};
[[nodiscard]] std::string sweep(const SweepOptions& options);

struct ConfirmClockOptions {
  std::filesystem::path file;
};
[[nodiscard]] std::string confirm_clock(const ConfirmClockOptions& options);

struct CheckCommandOptions {
  std::filesystem::path file;
  bool as_json = false;
};
struct Checked {
  std::string text;
  bool sound = false;
};
[[nodiscard]] Checked check(const CheckCommandOptions& options);

struct BenchOptions {
  std::filesystem::path directory = ".";
  std::vector<std::size_t> rows{1, 10, 100, 1'000, 10'000};
  std::size_t params_bytes = 100;
};
[[nodiscard]] std::string bench(const BenchOptions& options);

}  // namespace cairn::cli
