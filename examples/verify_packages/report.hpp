#pragma once

#include "findings.hpp"
#include "verify.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// The report of an audit. It is made of recorded outcomes alone: the same outcomes give the same report, in
// whatever order they come and however often the program was killed on the way.
namespace verify {

struct PackageFinding {
  std::string package = {};
  Finding finding = {};
  bool operator==(const PackageFinding&) const = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PackageFinding, package, finding)

struct SlowPackage {
  std::string package = {};
  std::int64_t milliseconds = 0;
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  bool operator==(const SlowPackage&) const = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SlowPackage, package, milliseconds, files, bytes)

// Result of the step "summarise".
struct Summary {
  std::int64_t audit = 0;
  std::string subject = {};  // what was audited
  std::int64_t packages = 0;
  std::int64_t without_list = 0;
  std::int64_t with_findings = 0;
  Tally total = {};                           // counts only
  std::vector<PackageFinding> findings = {};  // the first `findings_shown_max` by package and path
  std::vector<SlowPackage> slowest = {};      // at most `slowest_shown_max`
  std::int64_t milliseconds = 0;  // from the beginning of the audit to the end of its last package
  std::int64_t records = 0;       // of packages in the file, before anything is swept
  bool operator==(const Summary&) const = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Summary, audit, subject, packages, without_list, with_findings, total,
                                   findings, slowest, milliseconds, records)

inline constexpr std::size_t findings_shown_max = 100;
inline constexpr std::size_t slowest_shown_max = 5;

// Result of the step "sweep": which records of packages are left in the file. Times as text; empty when there
// are none.
struct Records {
  std::int64_t swept = 0;
  std::int64_t clean = 0;
  std::string clean_until = {};
  std::int64_t with_findings = 0;
  std::string with_findings_until = {};
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Records, swept, clean, clean_until, with_findings, with_findings_until)

[[nodiscard]] Summary summarise(std::int64_t audit, std::string subject, std::vector<PackageOutcome> outcomes,
                                std::chrono::milliseconds elapsed);

// 0: all is as listed. 1: altered files. 2: missing or unreadable files, altered ones or not.
[[nodiscard]] int exit_status(const Summary& summary);

// Whether the text has what differs between two runs over the same files: times, and what is ordered by them.
enum class Times { shown, hidden };

// How many entries of its lists a text shows; it counts the other findings.
struct Shown {
  std::size_t findings = findings_shown_max;
  std::size_t slowest = slowest_shown_max;
};
inline constexpr Shown shown_on_a_screen{.findings = 3, .slowest = 3};

[[nodiscard]] std::string to_text(const Summary& summary, Times times, Shown shown = {});
[[nodiscard]] std::string to_text(const Records& records, Times times);

}  // namespace verify
