#pragma once

#include "audit.hpp"
#include "report.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <variant>

namespace verify {

// What the command line asks for.
struct Options {
  std::filesystem::path file;  // the state
  AuditRequest request = {};
  std::optional<std::uint16_t> serve = std::nullopt;
  Times times = Times::shown;
  std::filesystem::path report = {};  // where the whole report goes; empty: to standard output
};

// Statuses above those of the verdict (`exit_status` in report.hpp).
inline constexpr int exit_usage = 3;    // the command line makes no sense
inline constexpr int exit_failure = 4;  // the audit could not be done, or the state file not be used

// The options, or the status to exit with when everything was said (`--help`, or what is wrong with the
// command line).
[[nodiscard]] std::variant<Options, int> read_options(int argc, const char* const* argv);

}  // namespace verify
