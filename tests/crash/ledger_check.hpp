#pragma once

#include "tests/crash/ledger.hpp"
#include "tests/crash/record.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cairn::testing {

// Compares what bodies wrote into the ledger with what the store recorded, after each death of the program.
// Each function gives the broken promises in words; none: all is well.
class LedgerCheck {
 public:
  using Faults = std::vector<std::string>;

  // What holds at any time:
  // - A body begins only when its start is recorded, and each attempt begins at most once, ever.
  // - Attempts of a step follow each other; unless a crash cut the earlier one off, it had ended before.
  // - A recorded result has its effect in the ledger, and no attempt began after it.
  // - Each effect belongs to an attempt that is recorded as the successful one, as open, or as cut off.
  // - A step that began after another one had ended has its effect later in the ledger.
  // - One idempotency key for all attempts of a step, and for no other step.
  [[nodiscard]] static Faults compare(const std::vector<Line>& ledger, const Record& record);

  // What holds from one death to the next: what was recorded as ended stays as it is, word for word, and its
  // step has no new line in the ledger.
  [[nodiscard]] Faults remember(const std::vector<Line>& ledger, const Record& record);

  // Some instances are no more, lawfully: nothing of them is expected to stay as it is.
  void forget(const std::function<bool(const std::string& instance)>& is_over);

  // What was acknowledged is there: each batch whole, each event buffered or consumed.
  [[nodiscard]] static Faults acknowledged(const std::vector<std::string>& journal, const Record& record);

 private:
  using StepName = std::pair<std::string, std::string>;        // instance and full name
  std::map<StepName, std::pair<StepRow, std::size_t>> ended_;  // with the number of its lines
  std::map<std::string, History> finished_;
};

}  // namespace cairn::testing
