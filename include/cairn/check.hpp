#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cairn {

/// Something in a file that no engine writes.
struct Finding {
  std::string rule = {};     ///< its short name, such as `waiting-wakes`; listed in docs/checking.md
  std::string subject = {};  ///< what it is about, such as `instance 7`; empty: the file
  std::string what = {};     ///< a sentence
  bool operator==(const Finding&) const = default;
};

/// What `check_file` has looked at, and what it has found.
struct CheckReport {
  std::vector<Finding> findings = {};  ///< in the order of the rules, the first few of each
  std::uint64_t violations = 0;        ///< all that there are, also those that were left out
  std::uint64_t instances = 0;
  std::uint64_t steps = 0;
  std::uint64_t events = 0;
  std::size_t rules = 0;  ///< that were checked

  [[nodiscard]] bool sound() const noexcept { return violations == 0; }
};

struct CheckOptions {
  std::size_t findings_per_rule = 10;  ///< to report; the others are counted
};

/// Checks whether a cairn file is what cairn promises: whole as a database, complete, and with a reason to
/// go on for every instance that has not ended.
///
/// The checker shares the tables with the engine and no code, so that neither hides the other's mistakes. It
/// reads one snapshot and changes nothing; an engine may own the file and go on meanwhile, or come and go. A
/// symbolic link is followed. It takes time and reads every page. After a restore from a backup, or a crash
/// that one wonders about, this is the question.
///
/// Throws `Error` when it cannot be read at all: `invalid_argument` (the path is empty), `not_a_cairn_file`,
/// `file_is_newer`, `file_is_read_only` (it has a log that cannot be read in a folder that cannot be written)
/// or `store_failed`, also when others open and close the file again and again. What is damaged but readable
/// is a finding. Thread-safe.
[[nodiscard]] CheckReport check_file(const std::filesystem::path& file, const CheckOptions& options = {});

}  // namespace cairn
