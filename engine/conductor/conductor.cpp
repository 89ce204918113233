#include "engine/conductor/conductor.hpp"

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

}  // namespace cairn::engine
