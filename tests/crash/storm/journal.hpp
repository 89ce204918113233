#pragma once

#include "tests/crash/ledger.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::testing {

// What a client of the storm asked for, and what it was told. Each instance has one client, which asks for
// one thing at a time; so what concerns an instance stands in the journal in its order.
struct Act {
  enum class Kind { create, send, pause, resume, terminate, restart };
  enum class Outcome { unknown, done, refused };  // unknown: the program died before it could tell

  Kind kind = Kind::create;
  Outcome outcome = Outcome::unknown;
  std::string code = {};  // of a refusal, such as `cannot_pause`
  int client = 0;
  std::vector<std::string> ids = {};  // of a batch all; else one
  std::string workflow = {};          // of `create`
  int number = 0;                     // of `create`: the params; of `send`: what the event brings
  bool expires = false;               // of `create`: kept for a moment only, then swept
  bool operator==(const Act&) const = default;
};

[[nodiscard]] std::string_view to_string(Act::Kind kind);

// The journal of all lives of one file. A line is one write, and outlives the process.
class Journal {
 public:
  explicit Journal(const std::filesystem::path& file) : file_{file} {}

  void life(int number);
  void invoke(const Act& act);
  void done(int client);
  void refused(int client, std::string_view code);

 private:
  AppendOnlyFile file_;
};

[[nodiscard]] std::vector<Act> read_journal(const std::filesystem::path& file);
// The same of lines that are read already.
[[nodiscard]] std::vector<Act> parse_journal(const std::vector<std::string>& lines);

}  // namespace cairn::testing
