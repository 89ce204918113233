#include "engine/conductor/conductor.hpp"

#include <algorithm>
#include <utility>

// How much one instance may do in a turn, for which all others wait. Whoever has more to do keeps its frames,
// and its slot while nobody else needs that, and goes on in the next turn behind those who stopped before it.
namespace cairn::engine {

Share Conductor::next_share() const noexcept {
  return Share{options_.handful + std::min(options_.share, turn_share_left_)};
}

void Conductor::note_used(const Share& share) noexcept {
  const std::size_t beyond = share.used() - std::min(share.used(), options_.handful);
  turn_share_left_ -= std::min(turn_share_left_, beyond);
}

namespace {

// Records that are asked for before the first of them is here, and it is known how long they are.
constexpr std::size_t asked_for_at_once = 64;

constexpr Duration long_piece = std::chrono::milliseconds{4};
constexpr Duration longest_pass = std::chrono::milliseconds{100};

constexpr std::size_t bytes_per_row = 1'024;  // large ones cost more

}  // namespace

// One in any case.
bool Conductor::may_begin() const noexcept {
  if (pending_moves_ > 0 || begun_in_turn_ >= options_.begins || loading_.size() >= asked_for_at_once)
    return false;
  return begun_in_turn_ == 0 || rows_left_ > 0;
}

void Conductor::note_read(const History& history) noexcept {
  std::size_t bytes = 0;
  for (const StepRow& step : history.steps) bytes += step.output.size();
  rows_left_ -= std::min(rows_left_, 1 + history.steps.size() + bytes / bytes_per_row);
}

bool Conductor::somebody_rests() const noexcept {
  return !resting_.empty() && begun_ && !halting_ && !retry_at_ && !callers_pass();
}

void Conductor::rest(Resident& resident) {
  resident.rests_since = turn_;
  resting_.push_back({resident.key, resident.residency, turn_});
}

// A piece that cannot be divided, such as a long result that is decoded, holds up who calls meanwhile. Who
// calls is often served in several turns, and is to be held up by one piece, not by one in each: those who
// rest let others pass for as long as the last piece took.
void Conductor::let_callers_pass() {
  if (called_ && last_piece_ >= long_piece) pass_until_ = uptime() + std::min(last_piece_, longest_pass);
  last_piece_ = {};
  if (!callers_pass()) pass_until_.reset();
}

// One goes on in any case, however much the turn has done already.
void Conductor::go_on(Time now) {
  let_callers_pass();
  if (callers_pass()) return;
  for (bool first = true; !resting_.empty() && resting_.front().turn != turn_; first = false) {
    if (!first && turn_share_left_ == 0) return;
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
  note_answer();
  Resident* const resident = find(read.range.key, read.residency);
  if (resident == nullptr || resident->rests_since != turn_) return;
  resident->frames->supply(std::move(outputs));
  turn_share_left_ > 0 ? settle(*resident, {}, now) : rest(*resident);
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
