#include "engine/conductor/conductor.hpp"

#include <algorithm>
#include <utility>

// How much one instance may do in a turn, for which all others wait. Whoever has more to do keeps its frames,
// and its slot while nobody else needs that, and goes on in the next turn behind those who stopped before it.
namespace cairn::engine {

namespace {

// Records that are asked for before the first of them is here, and it is known how long they are.
constexpr std::size_t asked_for_at_once = 64;

}  // namespace

bool Conductor::may_begin() const noexcept {
  return pending_moves_ == 0 && loading_.size() < asked_for_at_once && budget_.may_begin();
}

bool Conductor::somebody_rests() const noexcept {
  return !resting_.empty() && begun_ && !halting_ && !store_.rests() && !right_of_way_.is_given(uptime());
}

void Conductor::rest(Resident& resident) {
  resident.rests_since = turn_;
  resting_.push_back({resident.key, resident.residency, turn_});
}

// One goes on in any case, however much the turn has done already.
void Conductor::go_on(Time now) {
  if (right_of_way_.let_callers_pass(uptime())) return;
  for (bool first = true; !resting_.empty() && resting_.front().turn != turn_; first = false) {
    if (!first && !budget_.has_shares()) return;
    const Rest rest = resting_.front();
    resting_.pop_front();
    Resident* const resident = find(rest.key, rest.residency);
    if (resident == nullptr || resident->rests_since != rest.turn) continue;
    go_on(*resident, now);
  }
}

void Conductor::go_on(Resident& resident, Time now) {
  resident.rests_since.reset();
  if (must_give_way(resident)) return give_way(resident, now);
  const std::optional<Frames::Missing> missing = resident.frames->missing();
  missing ? ask_for(resident, *missing) : settle(resident, {}, now);
}

// It has its turn when the answer comes, in this turn. One page is more than all may use of it in a turn.
void Conductor::ask_for(Resident& resident, const Frames::Missing& missing) {
  if (std::exchange(page_read_in_, turn_) == turn_) return rest(resident);
  resident.rests_since = turn_;
  reads_.push_back(ReadOutputs{.range = {.key = resident.key,
                                         .first = missing.first,
                                         .last = missing.last,
                                         .bytes = options_.page_bytes},
                               .residency = resident.residency});
}

// Nobody else changes what is recorded of a run that has frames here: a result is the same whenever it is
// read.
void Conductor::answer(const ReadOutputs& read, std::vector<StepOutput> outputs, Time now) {
  store_.note_answer();
  Resident* const resident = find(read.range.key, read.residency);
  if (resident == nullptr || resident->rests_since != turn_) return;
  resident->frames->supply(std::move(outputs));
  budget_.has_shares() ? settle(*resident, {}, now) : rest(*resident);
}

// Whether somebody waits for the slot that it holds. It keeps it while a body runs, or is to, until its
// record is replayed, with the attempts that a crash cut off, and until it has come further: it may have to
// replay all of it the next time.
bool Conductor::must_give_way(const Resident& resident) const {
  if (!resident.has_moved || !resident.flights.empty() || resident.has_unplaced()) return false;
  if (!resident.frames->replayed() || !resident.interrupted_seen) return false;
  return scheduler_.is_wanted(resident.lane);
}

// For the store it waits for what is due already: so whoever comes next, also after a crash, finds it.
void Conductor::give_way(Resident& resident, Time now) {
  emit(resident, {.leave = Cause::wait, .wake_at = resident.due_since(now)});
  release_slot(resident);
  resident.wants_slot = true;
  scheduler_.push_behind(resident.lane, resident.key);
  set_alarm(resident);
  // Of so many that wait frames are kept; the record rebuilds those of the others.
  if (residents_.size() > options_.concurrency + options_.resident) erase(resident);
}

}  // namespace cairn::engine
