#pragma once

#include "findings.hpp"

#include <cairn/cairn.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

// The workflow that verifies one package, and the bodies of its steps.
namespace verify {

// The params of an instance: one package, or one manifest.
struct Package {
  std::int64_t audit = 0;
  std::string name = {};
  std::string list = {};  // of dpkg: seen from the root, empty if there is none; a manifest: on this machine
  std::string root = {};
  bool from_dpkg = true;  // diversions and path filters hold
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Package, audit, name, list, root, from_dpkg)

// A stretch of a list: what one body hashes. It names the lines instead of holding them, because lists may be
// larger than what one step can record; its MD5 tells whether the lines are still the same when the body
// runs, perhaps days later.
struct Portion {
  std::int64_t offset = 0;
  std::int64_t length = 0;
  std::string md5 = {};
  bool operator==(const Portion&) const = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Portion, offset, length, md5)

// Result of the step "read the list".
struct ListReading {
  std::vector<Portion> portions = {};
  std::string problem = {};  // why the list cannot be used; empty: it can
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ListReading, portions, problem)

// Result of one step "hash files".
struct PortionResult {
  Tally tally = {};
  std::int64_t microseconds = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PortionResult, tally, microseconds)

// Result of the step "conclude": all that the report is made of.
struct PackageOutcome {
  std::string package = {};
  bool has_list = false;
  Tally tally = {};
  std::int64_t milliseconds = 0;  // spent on hashing, all portions together
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PackageOutcome, package, has_list, tally, milliseconds)

inline constexpr const char* conclude_step = "conclude";

// A portion ends when it has so many files or bytes. Both grow with very long lists, so that no instance has
// more than about 2,000 steps.
inline constexpr std::size_t portion_files = 64;
inline constexpr std::int64_t portion_bytes = std::int64_t{32} << 20;

// How the steps of this program run. A body that a crash has cut off may run again at no cost but time. What
// a body cannot read is a finding, so that a retry is for a machine that is short of memory or descriptors.
inline constexpr cairn::StepOptions repeatable_step{.retries = {.limit = 3, .delay = std::chrono::seconds{1}},
                                                    .timeout = std::chrono::hours{6},
                                                    .crash_limit = 1'000};

// The bodies. None of them throws because of what it finds on disk.
[[nodiscard]] ListReading read_list(const Package& package);
[[nodiscard]] PortionResult hash_portion(const Package& package, const Portion& portion);
[[nodiscard]] PackageOutcome conclude(const Package& package, const ListReading& reading,
                                      const std::vector<PortionResult>& results);

// The workflow. A package with findings ends `errored`, and its error counts them: this is how one instance
// gets one retention when the package is clean (`success`) and a longer one when it is not (`error`), and how
// a list of errored instances is the list of damaged packages. What was found stands in the recorded result
// of "conclude" either way.
cairn::Task<PackageOutcome> verify_package(cairn::Context& ctx, Package package);

}  // namespace verify
