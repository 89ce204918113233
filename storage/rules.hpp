#pragma once

#include <cairn/store.hpp>

#include <optional>

// What a change does to an instance's row, free of any database: every store asks these functions, so that
// all of them answer alike. How rows are found and kept is theirs. Every status here is an effective one.
namespace cairn::storage {

// Carries out `change` on `row`. When the outcome says `changed`, the caller keeps the row; after a restart
// it also forgets steps, events, output and error of the run before, and after a resume the error of a park.
[[nodiscard]] Controlled control(InstanceRow& row, const Control& change, Time now);

// A step of the instance went on, which moves `modified` at most once a second: the row would otherwise be
// written with every step, for nothing but a time that the step tells as well. (File systems do the same with
// the time of the last access.)
void note_progress(InstanceRow& row, Time now);

// Whether `change` asks for more than that results are recorded.
[[nodiscard]] bool has_continuation(const Advance& change);

// The row after the continuation of `change`; nothing when the status of `row` does not allow all of it.
[[nodiscard]] std::optional<InstanceRow> continuation(const InstanceRow& row, const Advance& change,
                                                      Time now);

// Who begins to wait for an event that came before, at `received`, is woken by it, unless something is due
// earlier. It may have come after the waiting one was last read, and its owner may end before it hears of it.
void wake_for_event(InstanceRow& row, std::optional<Time> received);

// Whether the starts are numbered in rising order, above every step that the run has recorded so far, and
// within `sequence_max`.
[[nodiscard]] bool starts_follow(const Advance& change, Sequence last_started);

}  // namespace cairn::storage
