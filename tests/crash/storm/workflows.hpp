#pragma once

#include "tests/crash/ledger_workflows.hpp"

#include <cairn/cairn.hpp>

#include <string>
#include <vector>

namespace cairn::testing {

// The workflows of the storm: those of the ledger program and two more.
class StormWorkflows {
 public:
  StormWorkflows(AppendOnlyFile& ledger, Death& death) : ledger_workflows_{ledger, death} {}

  [[nodiscard]] static std::vector<std::string> names();
  // How many events "go" an instance waits for before it ends.
  [[nodiscard]] static int events_wanted(const std::string& workflow);

  void define_all(Engine& engine);

 private:
  Task<int> listen(Context& ctx, int number);   // waits for three events "go", with a step behind each
  Task<int> give_up(Context& ctx, int number);  // ends with an error

  LedgerWorkflows ledger_workflows_;
};

}  // namespace cairn::testing
