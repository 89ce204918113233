#include "check/rule.hpp"

// Kinds are stored as numbers: 0 step, 1 sleep, 2 wait for an event. The limits of a step stand in its
// config; without one they are 5 retries and 10 crashes.
namespace cairn::check {
namespace {

#define STEP "step ' || (step.id & 16777215) || ' "

constexpr Rule steps[] = {
    {"sequence", "starts and ends of one run are numbered in one row, and an end comes after its start",
     R"(SELECT step.id >> 24, 'has )" STEP R"(that ended as ' || ended_seq FROM step
        WHERE ended_seq <= (id & 16777215) OR (id & 16777215) < 1
        UNION ALL
        SELECT id >> 24, 'has two steps that ended as ' || ended_seq FROM step WHERE ended_seq IS NOT NULL
        GROUP BY id >> 24, ended_seq HAVING count(*) > 1
        UNION ALL
        SELECT one.id >> 24, 'has a start and an end with the number ' || one.ended_seq
        FROM step AS one JOIN step AS other ON other.id = (one.id >> 24 << 24) + one.ended_seq)"},
    {"counts", "the uses of a name count from 1, and none is left out",
     R"(SELECT id >> 24, 'has ' || count(*) || iif(count(*) = 1, ' step', ' steps') || ' called ' || quote(name) || ' that count from '
            || min(count) || ' to ' || max(count)
        FROM step GROUP BY id >> 24, kind, name
        HAVING min(count) <> 1 OR max(count) <> count(*) OR count(DISTINCT count) <> count(*))"},
    {"attempts",
     "attempts count from 1 (0: the first one waits for a worker), and each but the last has failed",

     R"(SELECT id >> 24, 'has )" STEP R"(in attempt ' || attempt || ', after '
            || (SELECT count(*) FROM failure WHERE failure.step = step.id) || ' failed ones'
        FROM step
        WHERE attempt < iif(kind = 0 AND ended_seq IS NULL AND due IS NOT NULL, 0, 1) OR (kind <> 0 AND attempt <> 1)
          OR (SELECT count(*) FROM failure WHERE failure.step = step.id)
             <> attempt - iif(kind = 0 AND ended_seq IS NULL AND due IS NOT NULL, 0, 1)
          OR EXISTS (SELECT 1 FROM failure WHERE failure.step = step.id
                     AND failure.attempt NOT BETWEEN 1 AND step.attempt))"},
    {"retries", "nothing is tried more often than its options say",
     R"(SELECT id >> 24, 'has )" STEP R"(with more retries or crashes than its options allow' FROM step
        WHERE (SELECT count(*) FROM failure WHERE failure.step = step.id AND NOT interrupted)
              > coalesce(config ->> '$.retries.limit', 5)
          OR (SELECT count(*) FROM failure WHERE failure.step = step.id AND interrupted)
              > coalesce(config ->> '$.crash_limit', 10))"},
    {"results", "a step that has ended has an output that is JSON, or an error",
     R"(SELECT id >> 24, 'has )" STEP R"(, whose result is missing, double or no JSON' FROM step
        WHERE iif(ended_seq IS NULL, output IS NOT NULL OR error_name IS NOT NULL,
                  (output IS NOT NULL) = (error_name IS NOT NULL) OR (output IS NOT NULL AND NOT is_json(output))))"},
    {"dues", "a sleep and a wait have a due time, and a body that runs has none",
     R"(SELECT id >> 24, 'has )" STEP
     R"(of kind ' || kind || ' with the due time ' || coalesce(due, 'of none')
        FROM step WHERE kind IN (1, 2) AND due IS NULL)"},
    // An end that was written again, since its commit had failed, behind a leap bears the time of the clock
    // behind it; when it was due need not.
    {"early", "no sleep and no timeout ends before it is due by more than the longest leap of the clock",
     R"(SELECT id >> 24, 'has )" STEP R"(that was due at ' || due || ' and ended at ' || ended FROM step
        WHERE ended < due - (SELECT ifnull(max(max(abs(moved), abs(least))), 0) FROM leap)
          AND (kind = 1 OR (kind = 2 AND error_name = 'WorkflowTimeoutError')))"},
    {"waits", "a wait, and nothing else, names a type of event",
     R"(SELECT id >> 24, 'has )" STEP R"(of kind ' || kind || ' for events ' || quote(event_type) FROM step
        WHERE (kind = 2) <> (event_type IS NOT NULL))"},
    {"configs", "the options of a step are JSON",
     R"(SELECT id >> 24, 'has )" STEP R"(with options that are no JSON' FROM step
        WHERE config IS NOT NULL AND NOT is_json(config))"},
};

#undef STEP

}  // namespace

std::span<const Rule> rules_of_steps() {
  return steps;
}

}  // namespace cairn::check
