#include "check/rule.hpp"

namespace cairn::check {
namespace {

constexpr Rule files[] = {
    {"integrity", "the database is whole: SQLite finds nothing wrong with its pages, rows and indexes",
     R"(SELECT NULL, integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok')"},
    {"foreign-keys", "every version belongs to a workflow",
     R"(SELECT NULL, 'row ' || rowid || ' of ' || "table" || ' refers to nothing in ' || parent
        FROM pragma_foreign_key_check)"},
    {"owner", "one row says who owns the file, and its counts are positive",
     R"(SELECT NULL, 'the owner''s row is missing' WHERE NOT EXISTS (SELECT 1 FROM owner)
        UNION ALL
        SELECT NULL, 'a count of the owner''s row is negative' FROM owner
        WHERE epoch < 0 OR commit_seq < 0 OR next_key < 1 OR next_event < 1)"},
    {"acknowledged", "file and log hold the last group that was acknowledged, as their lock file says",
     R"(SELECT NULL, what_is_missing(commit_seq) FROM owner WHERE what_is_missing(commit_seq) IS NOT NULL)"},
    {"keys", "no key was ever given out twice: all are below the next one",
     R"(SELECT key, 'has a key that will be given out again: the next one is ' || next_key
        FROM instance, owner WHERE key >= next_key)"},
    {"event-numbers", "no number of an event was ever given out twice",
     R"(SELECT instance, 'has event ' || event || ', and the next number is ' || next_event
        FROM event, owner WHERE event >= next_event)"},
    {"epochs", "no row was written by an owner that has not come yet",
     R"(SELECT key, 'bears epoch ' || instance.epoch || ', and the owner''s is ' || owner.epoch
        FROM instance, owner WHERE instance.epoch > owner.epoch OR instance.epoch < 1)"},
    {"clocks", "no row was written by a clock that has not come yet",
     R"(SELECT key, 'bears clock ' || instance.clock || ', and the owner''s is ' || owner.clock
        FROM instance, owner WHERE instance.clock > owner.clock OR instance.clock < 0
        UNION ALL
        SELECT step.id >> 24, 'has step ' || (step.id & 16777215) || ' that bears clock ' || step.clock
            || ', and the owner''s is ' || owner.clock
        FROM step, owner WHERE step.clock > owner.clock OR step.clock < 0)"},
    {"leaps", "of each clock before the present one, what it has moved by is said once at most",
     R"(SELECT NULL, 'clocks ' || first || ' to ' || last || ' have moved by ' || moved || ' and at least ' || least
            || ' ms, and the owner''s is ' || clock
        FROM leap, owner WHERE first < 1 OR last < first OR last >= clock OR least > moved
        UNION ALL
        SELECT NULL, 'clocks from ' || other.first || ' on have moved twice' FROM leap AS one
        JOIN leap AS other ON other.first > one.first AND other.first <= one.last)"},
    {"doubt", "a doubt of the clock says which clock it began with, and what was written before",
     R"(SELECT NULL, 'the clock ' || clock || ' is in doubt since clock ' || coalesce(doubtful_since, 'none')
            || ', and was believed until ' || coalesce(believed_until, 'no time')
        FROM owner WHERE doubtful_since > clock OR doubtful_since < 1
          OR (doubtful_since IS NULL) <> (believed_until IS NULL))"},
    {"params-orphans", "params belong to an instance",
     R"(SELECT params.key, 'has params and no row' FROM params LEFT JOIN instance USING (key)
        WHERE instance.key IS NULL)"},
    {"output-orphans", "an output belongs to an instance",
     R"(SELECT output.key, 'has an output and no row' FROM output LEFT JOIN instance USING (key)
        WHERE instance.key IS NULL)"},
    {"step-orphans", "a step belongs to an instance",
     R"(SELECT DISTINCT step.id >> 24, 'has steps and no row' FROM step
        LEFT JOIN instance ON instance.key = step.id >> 24 WHERE instance.key IS NULL)"},
    {"event-orphans", "an event belongs to an instance",
     R"(SELECT DISTINCT event.instance, 'has events and no row' FROM event
        LEFT JOIN instance ON instance.key = event.instance WHERE instance.key IS NULL)"},
    {"failure-orphans", "a failed attempt belongs to a step",
     R"(SELECT failure.step >> 24, 'has failed attempts of step ' || (failure.step & 16777215) || ', which is missing'
        FROM failure LEFT JOIN step ON step.id = failure.step WHERE step.id IS NULL)"},
};

}  // namespace

std::span<const Rule> rules_of_files() {
  return files;
}

}  // namespace cairn::check
