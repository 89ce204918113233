#include "engine/conductor/conductor.hpp"

#include "engine/conductor/ended.hpp"

#include <cairn/detail/caught.hpp>

#include <algorithm>
#include <utility>

namespace cairn::engine {

namespace {

// Woken instances whose keys stand in memory. More of them stay in the store until these have had their turn.
constexpr std::size_t woken_max = 10'000;

}  // namespace

Conductor::Conductor(const ConductorOptions& options, Key next_key, std::optional<ClockLeaps> leaps)
    : options_(options),
      scheduler_(options.concurrency),
      suspects_(options.suspects),
      budget_({.least = options.handful,
               .share = options.share,
               .shares = options.turn_share,
               .rows = options.rows,
               .begins = options.begins}),
      places_(options.workers, options.spare, options.loop),
      timers_(options.timer_span, options.timer_capacity),
      leaps_(std::move(leaps)),
      next_key_(next_key) {}

void Conductor::take(Input&& input, Time now) {
  if (!std::holds_alternative<Tick>(input)) right_of_way_.note_call();
  std::visit([&](auto& kind) { handle(kind, now); }, input);
}

std::vector<Read> Conductor::take_reads() {
  return std::exchange(reads_, {});
}

// ------------------------------------------------------------------------------------------------------------
// slots

void Conductor::take_slot(Resident& resident) {
  resident.holds_slot = true;
  resident.has_moved = false;
  resident.wants_slot = false;
  scheduler_.take_slot(resident.lane);
  leave_idle(resident);
}

void Conductor::release_slot(Resident& resident) {
  if (!std::exchange(resident.holds_slot, false)) return;
  slot_came_free_ = true;
  scheduler_.give_slot_back(resident.lane);
  suspects_.leave(std::exchange(resident.suspicion, 0));
}

void Conductor::enqueue(LaneId lane, Key key) {
  if (begun_ && !halting_) scheduler_.push_woken(lane, key);
}

void Conductor::pump(Time now) {
  slot_came_free_ = false;
  if (halting_ && !group_.changes.empty()) write_unrecorded();
  if (!begun_ || halting_) return;
  ring_deadlines(now);
  if (store_.rests() && !write_again()) return;
  if (concerns_.wants_names(uptime())) reads_.emplace_back(ReadNames{});  // what is read next is told by them
  evict(now);
  ring_alarms(now);
  // One that needs it no more (terminated, paused) is found out when its record is read.
  for (const auto& [lane, key] : suspects_.take_next()) enqueue(lane, key);
  for (const DueRow& row : timers_.take_due(now)) enqueue(row.workflow, row.key);
  timers_held_ = scheduler_.woken() >= woken_max;
  if (!timers_held_ && timers_.wants_more(now)) {
    reads_.push_back(ReadDue{timers_.frontier(), timers_.horizon(now), options_.page});
  }
  begin_unplaced(now);
  give_slots_back(now);
  go_on(now);
  give_slots_back(now);
  while (may_begin()) {
    const std::optional<Scheduler::Next> next = scheduler_.next();
    if (!next) break;
    begin(next->lane, next->key, now);
    give_slots_back(now);
  }
  slot_came_free_ = false;
  // Also of those that nobody can begin now: what is not defined is told before its turn.
  for (const LaneId lane : scheduler_.unread()) {
    if (budget_.has_rows())
      reads_.push_back(
          ReadQueued{lane, scheduler_.workflow_of(lane), scheduler_.lane(lane).read_to(), options_.page});
  }
  ask_for_rows();
  ask_for_parked();
}

// To those that have lent theirs: before anything else begins, also in a slot that comes free only now.
void Conductor::give_slots_back(Time now) {
  while (const std::optional<Key> key = scheduler_.next_returning()) come_back(*key, now);
}

bool Conductor::wants_turn() const {
  if (!group_.changes.empty() || !reads_.empty()) return true;
  if (!begun_ || halting_) return false;
  const bool reads = !store_.rests() && (concerns_.wants_parked(uptime()) || !scheduler_.unread().empty() ||
                                         lane_that_wants_rows());
  return timers_held_ || suspects_.hold_somebody() || somebody_rests() || reads || scheduler_.has_next() ||
         (unplaced_ > 0 && places_.ready(uptime()));
}

void Conductor::begin(LaneId lane, Key key, Time now) {
  budget_.note_begin();
  if (Resident* resident = find(key)) {
    if (resident->condemned) {
      resident->rebuild = true;
    } else if (resident->wants_slot || resident->may_be_woken_early()) {
      take_slot(*resident);
      settle(*resident, {}, now);
    }
    return;
  }
  if (left_.contains(key)) {
    deferred_.emplace_back(lane, key);  // its record is read when it is complete
    return;
  }
  if (!loading_.emplace(key, lane).second) return;
  scheduler_.take_slot(lane);
  reads_.push_back(ReadHistory{key});
}

// Its record has been read, or could not be.
LaneId Conductor::stop_loading(Key key) {
  const LaneId lane = loading_.extract(key).mapped();
  scheduler_.give_slot_back(lane);
  return lane;
}

// ------------------------------------------------------------------------------------------------ answers of
// the store

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

// ------------------------------------------------------------------------------------------------- coming
// and going

Resident* Conductor::find(Key key) {
  const auto found = residents_.find(key);
  return found == residents_.end() ? nullptr : &found->second;
}

Resident* Conductor::find(Key key, Residency residency) {
  Resident* resident = find(key);
  return resident != nullptr && resident->residency == residency ? resident : nullptr;
}

void Conductor::wake(Resident& resident, Time now) {
  if (!resident.is_able()) return;
  if (resident.holds_slot) return settle(resident, {}, now);
  if (resident.slot_lent) return want_slot_back(resident);
  if (scheduler_.may_begin_at_once(resident.lane)) {
    take_slot(resident);
    return settle(resident, {}, now);
  }
  Advance requeue{.key = resident.key, .run = resident.run, .leave = Cause::requeue, .wake_at = now};
  push(std::move(requeue),
       {.key = resident.key, .residency = resident.residency, .workflow = resident.workflow});
  resident.status = Status::queued;
  resident.wants_slot = true;
  leave_idle(resident);
  enqueue(resident.lane, resident.key);
  set_alarm(resident);
}

void Conductor::condemn(Resident& resident) {
  resident.condemned = true;
  resident.suspended = false;
  resident.wants_slot = false;
  forget_unplaced(resident);
  resident.rests_since.reset();
  if (halting_) ask_to_stop(resident);
  if (resident.flights.empty()) return retire(resident);
  lend_slot(resident);
  set_alarm(resident);
}

void Conductor::ask_to_stop(Resident& resident) {
  for (const auto& [seq, flight] : resident.flights) actions_.stops.push_back(flight.stop);
  if (!resident.returning.empty()) regain_slot(resident);  // it goes on to its end
}

void Conductor::retire(Resident& resident) {
  if (resident.rebuild) enqueue(resident.lane, resident.key);
  erase(resident);
}

void Conductor::erase(Resident& resident) {
  release_slot(resident);
  forget_unplaced(resident);
  if (resident.wants_back) scheduler_.drop_returning(resident.lane, resident.key);
  if (resident.alarm) alarms_.erase({*resident.alarm, resident.key});
  leave_idle(resident);
  if (!group_.changes.empty()) left_.insert(resident.key);
  residents_.erase(resident.key);
}

}  // namespace cairn::engine
