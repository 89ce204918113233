#include "check/rule.hpp"

// Statuses are stored as numbers: 0 queued, 1 running, 2 paused, 3 errored, 4 terminated, 5 complete,
// 6 waitingForPause, 7 waiting.
namespace cairn::check {
namespace {

constexpr Rule instances[] = {
    {"definition", "an instance runs a version of its workflow",
     R"(SELECT key, 'runs version ' || instance.version || ', which workflow ' || instance.workflow || ' does not have'
        FROM instance LEFT JOIN version
          ON version.version = instance.version AND version.workflow = instance.workflow
        WHERE version.version IS NULL)"},
    {"params", "every instance has params, and they are JSON",
     R"(SELECT instance.key, iif(params.key IS NULL, 'has no params', 'has params that are no JSON in UTF-8')
        FROM instance LEFT JOIN params USING (key)
        WHERE params.key IS NULL OR NOT is_json(params))"},
    {"ids", "an id is 1 to 100 letters, digits, - and _, and does not begin with -",
     R"(SELECT key, 'has the id ' || quote(id) FROM instance
        WHERE length(id) NOT BETWEEN 1 AND 100 OR id GLOB '*[^a-zA-Z0-9_-]*' OR id GLOB '-*')"},
    {"starts", "what has begun says when",
     R"(SELECT key, 'is ' || status_word(status) || ' and was never started' FROM instance
        WHERE started IS NULL AND status IN (1, 3, 5, 6, 7))"},
    {"ends", "what has ended says when, and nothing else does",
     R"(SELECT key, 'is ' || status_word(status) || iif(ended IS NULL, ' and says no', ' and says an') || ' end'
        FROM instance WHERE (ended IS NOT NULL) <> (status IN (3, 4, 5)))"},
    {"expiry", "what has ended expires when its retention says so",
     R"(SELECT key, 'ended at ' || ended || ' and expires at ' || coalesce(expires, 'no time') FROM instance
        WHERE expires IS NOT CASE status
          WHEN 5 THEN later(ended, retention_success)
          WHEN 3 THEN later(ended, retention_error)
          WHEN 4 THEN later(ended, retention_error) END)"},
    {"outputs", "a complete instance has an output that is JSON and no error",
     R"(SELECT instance.key, 'is complete, and its output is missing or no JSON, or it has an error'
        FROM instance LEFT JOIN output USING (key)
        WHERE status = 5
          AND (output.key IS NULL OR error_name IS NOT NULL OR (output IS NOT NULL AND NOT is_json(output))))"},
    {"errors", "an errored instance has an error and no output",
     R"(SELECT instance.key, 'is errored, and its error is missing, or it has an output'
        FROM instance LEFT JOIN output USING (key)
        WHERE status = 3 AND (error_name IS NULL OR output IS NOT NULL))"},
    {"early-outputs", "what goes on has neither output nor error",
     R"(SELECT instance.key, 'is ' || status_word(status) || ' and has an output or an error'
        FROM instance JOIN output USING (key)
        WHERE status IN (0, 1, 6, 7) OR (status = 2 AND (output IS NOT NULL OR error_name IS NULL)))"},
    {"pauses", "exactly the paused ones say since when, and a pause is no shorter than nothing",
     R"(SELECT key, 'is ' || status_word(status) || ' and its pause began ' || coalesce(paused_at, 'never')
            || ', after pauses of ' || paused_for || ' ms'
        FROM instance WHERE (paused_at IS NOT NULL) <> (status IN (2, 6)) OR paused_for < 0)"},
    {"wake-times", "only what waits, is queued, or was resumed while its bodies ran has a wake time",
     R"(SELECT key, 'is ' || status_word(status) || ' and has a wake time' FROM instance
        WHERE wake_at IS NOT NULL AND status NOT IN (0, 1, 7))"},
    {"waiting-wakes", "whatever waits is woken in the end, by a time or an event",
     R"(SELECT key, 'waits, and nothing wakes it' FROM instance
        WHERE status = 7 AND wake_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM step WHERE step.id BETWEEN key << 24 AND (key << 24) + 16777215
                          AND kind = 2 AND ended_seq IS NULL))"},
    // Code that adopts the record of another version may leave steps of it out; the last one due will do
    // then. Both times are those that the clock has moved.
    {"waiting-in-time", "whatever waits is woken no later than its first step is due",
     R"(SELECT key, 'is woken at ' || coalesce(woken, 'no time') || ', and a step is due at ' || wanted
        FROM (SELECT key, )" CAIRN_CHECK_WOKEN R"( AS woken,
                     (SELECT iif((SELECT count(*) FROM version WHERE version.workflow = instance.workflow) = 1,
                                 min(at), max(at))
                      FROM (SELECT iif(due_fixed, due,
                                       later()" CAIRN_CHECK_DUE R"(, paused_for)) AS at
                            FROM step WHERE step.id BETWEEN key << 24 AND (key << 24) + 16777215
                              AND ended_seq IS NULL)) AS wanted
              FROM instance WHERE status = 7)
        WHERE wanted IS NOT NULL AND (woken IS NULL OR woken > wanted))"},
    {"waiting-idle", "no body runs of what waits: its open steps have a due time",
     R"(SELECT DISTINCT key, 'waits, and step ' || (step.id & 16777215) || ' runs' FROM instance
        JOIN step ON step.id BETWEEN key << 24 AND (key << 24) + 16777215
        WHERE status = 7 AND kind = 0 AND ended_seq IS NULL AND due IS NULL)"},
};

}  // namespace

std::span<const Rule> rules_of_instances() {
  return instances;
}

}  // namespace cairn::check
