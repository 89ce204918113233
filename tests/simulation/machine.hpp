#pragma once

#include "tests/simulation/audit.hpp"
#include "tests/simulation/client.hpp"
#include "tests/simulation/findings.hpp"
#include "tests/simulation/host.hpp"
#include "tests/simulation/simulated_disk.hpp"
#include "tests/simulation/statistics.hpp"
#include "tests/simulation/trace.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::testing {

/// A machine with its disk, its clock, the program that runs on it, and those who call it; and all that is
/// remembered over its deaths to judge it by.
class Machine {
 public:
  struct Workflow {
    std::string name;
    std::size_t concurrency = 0;
    Author author = random_program;
    std::int64_t number = 0;
    std::int64_t version = 0;
  };

  Machine(HostOptions options, std::vector<Workflow> workflows, Statistics& statistics, bool aloud);

  // ------------------------------------------------------------------------------------------------- lives

  /// Opens the store, defines the workflows, and begins. Whether that went well; if not, nothing of it is
  /// left but what is on disk.
  bool try_to_begin();
  /// What the machine had in memory is gone, and so is what `loss` takes from the disk.
  void die(Loss loss, Dice& dice);
  /// After a death: nobody gets an answer any more, and the files are what was left of them.
  void clear_away();

  // -------------------------------------------------------------------------------------------------- ends

  /// Whether a group was written that was reported as unknown: the next group tells. This one changes
  /// nothing.
  void settle_doubt();
  /// An event of each type to everything that has not ended.
  void send_to_all();
  /// Bodies, time and resumes alone bring everything to its end.
  void drive_to_the_end();
  /// Removes what has expired, and looks whether anything is left that should not be.
  void sweep_all();
  void check_rest();

  // ------------------------------------------------------------------------------------------------ checks

  /// Instances, one by one, against what was promised. Does nothing while a group is in doubt.
  void check_all();
  /// At rest, and with no body running: nothing that was due at `time` waits for anything.
  void check_nothing_overdue(Time time);
  /// At rest, when no group has failed: nothing that was due at `time`, and no event, waits for a body of
  /// another branch.
  void check_nobody_stands(Time time, bool has_place);
  /// The file, by the independent checker.
  void check_file() { audit.check(disk.file()); }

  Statistics& statistics;
  Findings findings;
  Trace trace;
  SimulatedClock clock;
  SimulatedDisk disk;
  Audit audit;
  Client client;
  Host host;
  std::vector<Workflow> workflows;

 private:
  void end_bodies();
  bool resume_paused();
  [[nodiscard]] bool all_ended() const;
  [[nodiscard]] std::string unended() const;
};

}  // namespace cairn::testing
