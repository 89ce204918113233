#pragma once

#include <span>

namespace cairn::check {

// One thing that holds in every file between two groups. The query gives a row for each violation: the key of
// the instance, or NULL, and what is wrong in words that follow it.
struct Rule {
  const char* name;
  const char* claim;
  const char* query;
};

// What stands in the tables, moved by what the clock has moved since: the time at which a step of `step` is
// due, unless that is fixed; and the wake time of an `instance`, which moves back alone.
// Ranges do not meet: the last one that begins before a clock is the only one that it may be in.
#define CAIRN_CHECK_MOVED(column, clock)            \
  "coalesce((SELECT iif(" clock " <= last, " column \
  ", 0) FROM leap WHERE "                           \
  "first <= " clock " ORDER BY first DESC LIMIT 1), 0)"
#define CAIRN_CHECK_DUE "later(due, " CAIRN_CHECK_MOVED("moved", "step.clock") ")"
#define CAIRN_CHECK_WOKEN "later(wake_at, min(" CAIRN_CHECK_MOVED("least", "instance.clock") ", 0))"

// By what they are about: the file as a whole, instances, steps, events, the audit trail.
[[nodiscard]] std::span<const Rule> rules_of_files();
[[nodiscard]] std::span<const Rule> rules_of_instances();
[[nodiscard]] std::span<const Rule> rules_of_steps();
[[nodiscard]] std::span<const Rule> rules_of_events();
[[nodiscard]] std::span<const Rule> rules_of_transitions();

}  // namespace cairn::check
