#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// What was found. These values are recorded by cairn as JSON, and a recorded value is at most 1 MiB: so
// counts are of everything, while the findings themselves are kept only up to a bound.
namespace verify {

enum class Verdict { altered, missing, unreadable };

NLOHMANN_JSON_SERIALIZE_ENUM(Verdict, {{Verdict::altered, "altered"},
                                       {Verdict::missing, "missing"},
                                       {Verdict::unreadable, "unreadable"}})

// One file that is not as its list says.
struct Finding {
  Verdict verdict = Verdict::altered;
  std::string path = {};    // printable, seen from the root
  std::string reason = {};  // of `unreadable`
  bool operator==(const Finding&) const = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Finding, verdict, path, reason)

// What the look at some files gave.
struct Tally {
  std::int64_t files = 0;     // that should be there
  std::int64_t bytes = 0;     // of those that could be read
  std::int64_t excluded = 0;  // not there, and not expected to be: dpkg was told to leave them out
  std::int64_t altered = 0;
  std::int64_t missing = 0;
  std::int64_t unreadable = 0;
  std::vector<Finding> findings = {};  // the first ones, up to `findings_kept_max` and `findings_bytes_max`
  bool operator==(const Tally&) const = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Tally, files, bytes, excluded, altered, missing, unreadable, findings)

inline constexpr std::size_t findings_kept_max = 1'000;
inline constexpr std::size_t findings_bytes_max = std::size_t{256} << 10;  // as JSON

// No less than the finding takes as JSON: its texts are printable, so that at worst each byte is a quote to
// be escaped.
[[nodiscard]] std::size_t json_bytes_at_most(const Finding& finding);

// Counts a finding, and keeps it while there is room.
void note(Tally& tally, Finding finding);

// Adds the counts of `part`, and keeps its findings while there is room.
void add(Tally& tally, const Tally& part);

[[nodiscard]] std::int64_t count_of_findings(const Tally& tally);

// `2 altered, 1 missing`; empty when there is nothing.
[[nodiscard]] std::string counts_in_words(const Tally& tally);

[[nodiscard]] const char* to_word(Verdict verdict);

}  // namespace verify
