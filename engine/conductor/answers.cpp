#include "engine/conductor/conductor.hpp"
#include "engine/conductor/ended.hpp"

#include <cairn/detail/caught.hpp>

#include <algorithm>
#include <utility>

// What the store answers, and the instances that come to memory with it.
namespace cairn::engine {

void Conductor::answer(const ReadHistory& read, std::optional<History> history, Time now) {
  store_.note_answer();
  stop_loading(read.key);
  slot_came_free_ = true;
  if (history) budget_.note_read(*history);
  if (!history || is_finished(history->row.status)) starved_.erase(read.key);
  if (!history || halting_) return;
  const Registry::Entry* entry = registry_.find(history->row.version);
  const Status status = history->row.status;
  const bool runnable = status == Status::queued || status == Status::waiting || status == Status::running;
  if (status == Status::waiting_for_pause) {
    // The pause was written although its commit was reported as unknown, and the bodies never began.
    return push(Advance{.key = read.key, .run = history->row.run, .leave = Cause::quiesce}, {});
  }
  if (!runnable) return;
  if (entry == nullptr) return note_undefined(history->row);
  Resident* const resident = admit(*std::move(history), *entry);
  if (resident == nullptr) return;
  take_slot(*resident);
  if (hold_back_suspect(*resident)) return;
  settle(*resident, {}, now);
}

void Conductor::answer(const ReadEnd& read, const std::optional<History>& history) {
  if (!history) {
    const Error gone{Errc::instance_not_found, "the instance does not exist any more"};
    notify(read.key, std::make_exception_ptr(gone), {});
  } else if (is_finished(history->row.status)) {
    notify(read.key, nullptr, end_of(*history));
  } else if (history->row.status == Status::queued) {
    const auto [first, last] = watchers_.equal_range(read.key);
    const bool by_body = std::any_of(first, last, [](const auto& entry) { return entry.second.by_body; });
    if (by_body) enqueue(history->row.workflow, read.key);
  }
}

// What nobody can run here is not read again and again.
void Conductor::answer(const ReadQueued& read, const std::vector<InstanceRow>& rows) {
  store_.note_answer();
  std::vector<Key> defined;
  defined.reserve(rows.size());
  for (const InstanceRow& row : rows) {
    if (registry_.find(row.version) != nullptr) {
      defined.push_back(row.key);
    } else {
      note_undefined(row);
    }
  }
  budget_.note_rows(rows.size() - defined.size());
  const Key read_to = rows.empty() ? read.after : rows.back().key;
  scheduler_.fetched(read.lane, defined, read_to, rows.size() < read.limit);
}

void Conductor::answer(const ReadDue& read, const std::vector<DueRow>& rows) {
  store_.note_answer();
  timers_.fetched(rows, read.until, rows.size() < read.limit);
}

// What is queued is looked at, whether it is defined or not.
void Conductor::answer(const ReadNames& /*read*/, const Names& names) {
  store_.note_answer();
  concerns_.note_names(names);
  note_versions(names.versions);
  for (const WorkflowRow& row : names.workflows) {
    if (!scheduler_.knows(row.workflow)) scheduler_.rescan(scheduler_.lane_of(row.workflow));
  }
}

// A few pages in a turn.
void Conductor::ask_for_parked() {
  if (parked_read_in_ == turn_ || !concerns_.wants_parked(uptime())) return;
  parked_read_in_ = turn_;
  const std::size_t page = std::max<std::size_t>(options_.page / 4, 1);
  const std::vector<ReadParked> next = concerns_.next_reads(page, uptime());
  reads_.insert(reads_.end(), next.begin(), next.end());
}

void Conductor::answer(const ReadParked& read, const std::vector<InstanceRow>& rows,
                       const std::vector<std::optional<ErrorRecord>>& errors) {
  store_.note_answer();
  concerns_.fetched(read, rows, errors);
}

// Brings an instance into memory. Null: its record cannot be read; then it is parked, and the others go on.
Resident* Conductor::admit(History history, const Registry::Entry& entry) {
  const InstanceRow row = std::move(history.row);
  const std::vector<EventRow> events = std::move(history.events);
  const InstanceInfo info{.id = row.id, .workflow = entry.definition->name, .created = row.created};
  std::unique_ptr<Frames> frames;
  try {
    frames = std::make_unique<Frames>(entry.definition, info, std::move(history), options_.limits,
                                      !entry.adopted);
    if (has_starved_enough(row.key)) frames->endure(true);
  } catch (const Error& damage) {
    park(row, damage);
    return nullptr;
  }
  Resident& resident = residents_[row.key];
  resident.residency = next_residency_++;
  resident.key = row.key;
  resident.id = row.id;
  resident.workflow = row.workflow;
  resident.lane = scheduler_.lane_of(row.workflow);
  resident.run = row.run;
  resident.status = row.status;
  resident.wake_at = row.wake_at;
  resident.paused_for = row.paused_for;
  resident.definition = entry.definition;
  resident.events.assign(events.begin(), events.end());
  resident.frames = std::move(frames);
  return &resident;
}

void Conductor::park(const InstanceRow& row, const Error& damage) {
  Advance advance{.key = row.key, .run = row.run, .leave = Cause::park};
  if (row.status == Status::queued) advance.enter = Cause::start;
  if (row.status == Status::waiting) advance.enter = Cause::wake;
  advance.error = ErrorRecord{"DamagedRecord", detail::what_of(damage)};
  log(LogLevel::error, "parked \"" + row.id + "\" of " + concerns_.name_of_workflow(row.workflow) + ": " +
                           detail::what_of(damage));
  push(std::move(advance), {.workflow = row.workflow, .id = row.id});
}

// A body that brings the process down takes its neighbours with it. Those that were in flight twice run a few
// at a time, so that the one is found before every other has used up its crashes. One that has used up half
// of its own runs alone: that no other is lost beside it.
bool Conductor::hold_back_suspect(Resident& resident) {
  std::size_t places = 0;
  for (const auto& [seq, step] : resident.frames->open()) {
    if (!step.in_flight || step.crashes < 1) continue;
    const bool alone = 2 * step.crashes >= static_cast<std::int32_t>(step.options.crash_limit);
    places = std::max(places, alone ? suspects_.places() : std::size_t{1});
  }
  if (places == 0) return false;
  if (!suspects_.admit(places, {resident.lane, resident.key})) {
    erase(resident);
    return true;
  }
  resident.suspicion = places;
  return false;
}

}  // namespace cairn::engine
