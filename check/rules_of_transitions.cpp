#include "check/rule.hpp"

// The audit trail, which is empty unless somebody has turned it on. Statuses are stored as numbers: 0 queued,
// 1 running, 2 paused, 3 errored, 4 terminated, 5 complete, 6 waitingForPause, 7 waiting.
namespace cairn::check {
namespace {

// A change, and the one before it.
#define CHANGES                                       \
  "transition AS now LEFT JOIN transition AS before " \
  "ON before.instance = now.instance AND before.number = now.number - 1"

constexpr Rule transitions[] = {
    {"transition-triggers", "the trail is kept by all of its triggers, or by none",
     R"(SELECT NULL, 'of the three triggers that keep the trail, ' || found || ' are there'
        FROM (SELECT count(*) AS found FROM sqlite_schema WHERE type = 'trigger'
              AND name IN ('transition_created', 'transition_changed', 'transition_removed'))
        WHERE found NOT IN (0, 3))"},
    {"transition-orphans", "a trail belongs to an instance",
     R"(SELECT DISTINCT instance, 'has a trail and no row' FROM transition
        WHERE instance NOT IN (SELECT key FROM instance))"},
    {"transition-numbers", "the changes of an instance are numbered from 1, and none is left out",
     R"(SELECT instance, 'has ' || count(*) || ' changes numbered from ' || min(number) || ' to ' || max(number)
        FROM transition GROUP BY instance HAVING min(number) <> 1 OR max(number) <> count(*))"},
    {"transition-births",
     "a trail begins with the creation, queued or running; only that of an older instance does not",
     R"(SELECT instance, 'was created as change ' || number || ', ' || status_word(became) || ', in run ' || run
        FROM transition WHERE was IS NULL AND (number <> 1 OR run <> 1 OR became NOT IN (0, 1))
        UNION ALL
        SELECT key, 'was created when a trail was kept, and its own does not say so' FROM instance
        WHERE key > (SELECT instance FROM transition WHERE was IS NULL ORDER BY instance LIMIT 1)
          AND NOT EXISTS (SELECT 1 FROM transition WHERE transition.instance = key AND was IS NULL))"},
    {"transition-chain",
     "each change begins where the one before it ended; a run follows the one before it, and begins queued",
     R"(SELECT now.instance, 'went to ' || status_word(before.became) || ' in run ' || before.run || ', and then from '
            || coalesce(status_word(now.was), 'nothing') || ' to ' || status_word(now.became) || ' in run ' || now.run
        FROM )" CHANGES R"( WHERE before.number IS NOT NULL
          AND (now.was IS NOT before.became
               OR NOT (now.run = before.run OR (now.run = before.run + 1 AND now.became = 0))))"},
    // Under a later epoch, what was left running begins as if queued, and what was about to pause as if
    // paused. A change may go two ways of the table at once: a start, and the end of what was started.
    {"transition-table",
     "each change within a run is a way of the table of statuses, or two that were gone at once",
     R"(WITH way (was, became) AS (VALUES
            (0, 1), (0, 2), (0, 4),                  -- start; pause or park; terminate
            (0, 3), (0, 5), (0, 7),                  -- start, and fail; complete; wait
            (1, 2), (1, 3), (1, 4), (1, 5), (1, 6), (1, 7),
            (2, 0), (2, 4),                          -- resume; terminate
            (6, 1), (6, 2), (6, 4),                  -- resume; quiesce; terminate
            (7, 0), (7, 1), (7, 2), (7, 4),          -- requeue; wake; pause; terminate
            (7, 3), (7, 5)),                         -- wake, and fail; complete
          change AS (
            SELECT now.instance, now.number, now.became, now.was AS stored,
                   CASE WHEN now.epoch = before.epoch THEN now.was
                        WHEN now.was = 1 THEN 0 WHEN now.was = 6 THEN 2 ELSE now.was END AS was
            FROM )" CHANGES R"( WHERE now.was IS NOT NULL AND now.run IS coalesce(before.run, now.run)
              AND NOT (before.number IS NULL AND now.became = 0 AND now.run > 1))
        SELECT instance, 'went from ' || status_word(stored) || ' to ' || status_word(became) || ' as change ' || number
        FROM change WHERE (was, became) NOT IN (SELECT was, became FROM way))"},
    {"transition-ends", "a run ends at most once",
     R"(SELECT instance, 'ended ' || count(*) || ' times in run ' || run FROM transition
        WHERE became IN (3, 4, 5) GROUP BY instance, run HAVING count(*) > 1)"},
    {"transition-order", "epochs and groups never go back, and none is beyond the owner's",
     R"(SELECT now.instance, 'has change ' || now.number || ' of epoch ' || now.epoch || ' in group ' || now.commit_seq
            || ', after epoch ' || before.epoch || ' and group ' || before.commit_seq
        FROM )" CHANGES R"( WHERE now.epoch < before.epoch OR now.commit_seq < before.commit_seq
        UNION ALL
        SELECT instance, 'has change ' || number || ' of epoch ' || transition.epoch || ' in group '
            || transition.commit_seq || ', and the owner is at ' || owner.epoch || ' and ' || owner.commit_seq
        FROM transition, owner
        WHERE transition.epoch > owner.epoch OR transition.commit_seq > owner.commit_seq
          OR transition.epoch < 1 OR transition.commit_seq < 1)"},
    // What stands before a leap of the clock, which is longer than five minutes, bears the time of the clock
    // before.
    {"transition-groups", "what one group has changed bears one epoch, and one time unless the clock was set",
     R"(SELECT NULL, 'group ' || commit_seq || ' has changes of several epochs or times' FROM transition
        GROUP BY commit_seq HAVING min(epoch) <> max(epoch) OR max(time) - min(time) BETWEEN 1 AND 300000)"},
    {"transition-last", "an instance is where its trail ends, and as its trail says since when",
     R"(SELECT key, 'is ' || status_word(status) || ' in run ' || instance.run || ', and its trail ends '
            || status_word(became) || ' in run ' || now.run
        FROM instance JOIN transition AS now ON now.instance = key
          AND number = (SELECT max(number) FROM transition AS last WHERE last.instance = key)
        WHERE became <> status OR now.run <> instance.run OR now.epoch <> instance.epoch
          OR (ended IS NOT NULL AND ended <> time)
        UNION ALL
        SELECT key, 'was created at ' || created || ', and its trail says at ' || time
        FROM transition JOIN instance ON key = transition.instance
        WHERE number = 1 AND was IS NULL AND time <> created)"},
};

#undef CHANGES

}  // namespace

std::span<const Rule> rules_of_transitions() {
  return transitions;
}

}  // namespace cairn::check
