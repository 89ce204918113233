#pragma once

#include "tests/crash/child.hpp"
#include "tests/crash/folder.hpp"
#include "tests/crash/ledger_check.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace cairn::testing {

// What a storm did.
struct StormReport {
  int kills = 0;
  int lives = 0;  // one that ends before its point comes is looked at as well
  int files = 0;
  int in_recovery = 0;  // kills of an owner that was about to recover what a kill had left
  std::map<std::string, int> kills_at = {};
  std::size_t points = 0;        // that there are
  std::size_t acknowledged = 0;  // requests, each held against the file after every kill that followed
  std::size_t acknowledgements_checked = 0;
  std::size_t ledger_lines = 0;
};

// Kills the storm's program again and again, at random moments of its life and at named points, every tenth
// time again while the next owner recovers; and looks at what it left after each. All choices come from the
// seed; what the threads of a real process do with them does not.
class Storm {
 public:
  Storm(std::filesystem::path program, std::uint64_t seed);

  // The broken promises of the first cycle that has some, with what it takes to look at them; none: all is
  // well.
  std::vector<std::string> run(int kills);
  [[nodiscard]] const StormReport& report() const { return report_; }

 private:
  // Points with how often a life comes there; taken one after the other, so that each has its turn.
  class Deck {
   public:
    void add(const std::string& point, int visits) { points_.emplace_back(point, visits); }
    [[nodiscard]] std::string draw(std::mt19937_64& random);
    [[nodiscard]] std::size_t size() const { return points_.size(); }

   private:
    std::vector<std::pair<std::string, int>> points_;
    std::size_t next_ = 0;
  };

  void count_points();
  void begin_file();
  void cycle(int number);
  // One life, killed at the point ("": at a random moment), or lived to its end.
  End live(const std::string& point);
  End live_to(const std::string& then);
  void end_file();
  void look();
  [[nodiscard]] std::int64_t chance(std::int64_t from, std::int64_t to);

  const std::filesystem::path program_;
  std::mt19937_64 random_;
  Deck of_new_files_;  // in an opening that makes the file
  Deck of_recovery_;   // in an opening and in what follows it
  Deck of_all_;        // of any life but a file's first
  std::unique_ptr<Folder> folder_;
  LedgerCheck ledger_check_;
  int life_ = 0;  // of this file
  std::size_t lines_ = 0;
  std::size_t acknowledged_ = 0;
  std::vector<std::string> faults_;
  StormReport report_;
};

}  // namespace cairn::testing
