#pragma once

#include "tests/crash/audit_watch.hpp"
#include "tests/crash/child.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::testing {

// When verify_packages is to be killed.
enum class Moment { random, creation, recovery, conclusion, sweep };

[[nodiscard]] std::string_view to_string(Moment moment);

struct KillReport {
  std::map<Moment, int> kills;
  int audits = 0;           // that were killed; more than one when an audit ended before all kills were done
  int lives = 0;            // processes, all audits together
  std::string undisturbed;  // its report
  std::vector<std::string> disturbed;  // the report of each killed audit, when it had ended
  std::vector<std::string> faults;     // what `check_file` found in what a kill had left
};

// Runs verify_packages undisturbed, then kills it `kills` times: at random moments, and at least twice each
// in every other one. The program has no hook for this: it is stopped in its tracks some thousand times a
// second while its file is looked at, and killed when the file shows the moment that is wanted.
class AuditKiller {
 public:
  // `program` is the path of verify_packages; `arguments` are those behind its FILE. The files are made in
  // `folder`. What is done is told on `log`.
  AuditKiller(std::filesystem::path program, std::vector<std::string> arguments, std::filesystem::path folder,
              std::ostream& log);

  KillReport run(int kills, std::uint64_t seed);

 private:
  using Plan = std::vector<Moment>;

  [[nodiscard]] Plan plan(int kills);
  // Lets one life go on until the moment, and kills it there; or until its end.
  std::optional<End> live(Moment moment);
  [[nodiscard]] bool is_there(Moment moment, const AuditState& state) const;
  void begin_anew();
  // What is wrong with the file now.
  [[nodiscard]] std::vector<std::string> faults_of_file() const;
  [[nodiscard]] std::vector<std::string> command() const;
  [[nodiscard]] std::string report() const;

  std::filesystem::path program_;
  std::vector<std::string> arguments_;
  std::filesystem::path folder_;
  std::ostream& log_;
  std::mt19937_64 random_;
  std::int64_t commits_undisturbed_ = 0;
  std::int64_t commits_wanted_ = 0;  // of this life, before a random kill
  AuditState at_death_ = {};         // of the life before
  std::optional<AuditState> at_birth_ = std::nullopt;
};

}  // namespace cairn::testing
