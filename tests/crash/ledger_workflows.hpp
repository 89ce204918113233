#pragma once

#include "tests/crash/death.hpp"
#include "tests/crash/ledger.hpp"

#include <cairn/asio.hpp>
#include <cairn/cairn.hpp>

#include <string>
#include <vector>

namespace cairn::testing {

// The workflows of the ledger program. Each body writes "begun" into the ledger, then "effect" with a flush,
// and only then returns; so the ledger knows what was done, whatever the database says.
// Every workflow takes a number and ends with the number that `expected_output` says.
class LedgerWorkflows {
 public:
  LedgerWorkflows(AppendOnlyFile& ledger, Death& death) : ledger_{ledger}, death_{death} {}

  [[nodiscard]] static std::vector<std::string> names();
  [[nodiscard]] static int expected_output(const std::string& workflow, int number);
  // The steps of kind `step` that a finished instance has.
  [[nodiscard]] static std::size_t expected_bodies(const std::string& workflow);

  void define_all(Engine& engine);

  // What a body does: it writes its lines, and gives `result`.
  int note(const std::string& instance, const StepContext& step, int result);
  // What a body does that gives up: it writes its lines, so that it may throw.
  void note_failure(const std::string& instance, const StepContext& step);

 private:
  Task<int> chain(Context& ctx, int number);     // four steps, one after the other
  Task<int> nap(Context& ctx, int number);       // a sleep between two steps
  Task<int> stubborn(Context& ctx, int number);  // a step whose first attempt fails
  Task<int> signal(Context& ctx, int number);    // waits for the event "go" between two steps
  Task<int> later(Context& ctx, int number);     // an awaitable body

  boost::asio::awaitable<int> note_later(Line begun, int result);

  AppendOnlyFile& ledger_;
  Death& death_;
};

}  // namespace cairn::testing
