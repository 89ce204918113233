// The rule `transition-table` has the ways from status to status written out. Here they are told from the
// table that the engine goes by, and the rule is asked about every pair there is.

#include "tests/check/damaged_file.hpp"

#include <cairn/status.hpp>

#include <gtest/gtest.h>

#include <string>

namespace cairn::testing {
namespace {

constexpr int statuses = 8;  // nothing leads to the last one, `rolling_back`

bool is_entry(Cause cause) {
  return cause == Cause::start || cause == Cause::wake;
}

// A request, or what the engine finds: one way, or one that begins the work and one that the work then goes.
// A restart begins another run, and a recovery is implied.
bool leads(Status from, Status to) {
  if (from == to) return false;  // as what wakes and waits on: no change
  for (const Transition& one : transitions) {
    if (one.from != from || one.cause == Cause::restart || one.cause == Cause::recover) continue;
    if (one.to == to) return true;
    if (!is_entry(one.cause)) continue;
    for (const Cause then : {Cause::wait, Cause::complete, Cause::fail, Cause::park}) {
      if (next(one.to, then) == to) return true;
    }
  }
  return false;
}

// In the trail of one instance, the second change becomes this one.
class Pair {
 public:
  bool is_found(Status was, Status became, bool under_a_later_owner) {
    const auto number = [](Status status) { return std::to_string(static_cast<int>(status)); };
    const int changed = file_.damage(
        "UPDATE owner SET epoch = 9; UPDATE transition SET was = " + number(was) +
        ", became = " + number(became) + ", epoch = " + (under_a_later_owner ? "9" : "1") +
        " WHERE number = 2 AND instance = (SELECT min(instance) FROM transition WHERE number = 2)");
    EXPECT_EQ(changed, 1);
    return finds(file_.check({.findings_per_rule = 1}), "transition-table");
  }

 private:
  DamagedFile file_;
};

TEST(TransitionTable, HasTheWaysOfTheTableOfStatusesAndNoOther) {
  Pair pair;
  for (int from = 0; from < statuses; ++from) {
    for (int to = 0; to < statuses; ++to) {
      const auto was = static_cast<Status>(from);
      const auto became = static_cast<Status>(to);
      SCOPED_TRACE(std::string{to_string(was)} + " > " + std::string{to_string(became)});
      EXPECT_EQ(pair.is_found(was, became, false), !leads(was, became));
      const Status recovered = next(was, Cause::recover).value_or(was);
      EXPECT_EQ(pair.is_found(was, became, true), !leads(recovered, became)) << "under a later owner";
    }
  }
}

}  // namespace
}  // namespace cairn::testing
