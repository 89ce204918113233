#include "engine/scheduler/scheduler.hpp"

#include <utility>

namespace cairn::engine {

LaneId Scheduler::lane_of(std::int64_t workflow) {
  const auto found = of_workflows_.find(workflow);
  if (found != of_workflows_.end()) return found->second;
  const LaneId lane{static_cast<std::int64_t>(lanes_.size()) + 1};
  lanes_.try_emplace(lane, workflow);
  of_workflows_.emplace(workflow, lane);
  return lane;
}

// Every change of a lane goes through here, so that the lists are right.
template <class Change>
void Scheduler::change(LaneId lane, Change change) {
  Place& place = lanes_.at(lane);
  change(place);
  note(lane, place);
}

void Scheduler::note(LaneId lane, Place& place) {
  const Lane& queue = place.queue;
  const bool open = place.slots.free();
  const bool somebody = queue.ready() || queue.wants_more() || queue.returning() > 0;
  const std::array<bool, kinds> listed{open && queue.returning() > 0,
                                       open && queue.woken() > 0,
                                       open && queue.ready(),
                                       somebody,
                                       queue.wants_more(),
                                       queue.has_unseen()};
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    if (listed[kind] == place.listed[kind]) continue;
    listed[kind] ? static_cast<void>(lists_[kind].insert(lane)) : static_cast<void>(lists_[kind].erase(lane));
  }
  place.listed = listed;
  woken_ += queue.woken() - std::exchange(place.woken, queue.woken());
  wants_back_ += queue.returning() - std::exchange(place.wants_back, queue.returning());
}

// ------------------------------------------------------------------------------------------------------------
// slots

void Scheduler::set_limit(LaneId lane, std::size_t slots) {
  change(lane, [&](Place& place) { place.slots.limit = slots; });
}

void Scheduler::take_slot(LaneId lane) {
  change(lane, [&](Place& place) { slots_.take(place.slots); });
}

void Scheduler::give_slot_back(LaneId lane) {
  change(lane, [&](Place& place) { slots_.give_back(place.slots); });
}

bool Scheduler::is_wanted(LaneId lane) const {
  if (slots_.all_taken()) return !list(Kind::waiting).empty();
  return !lanes_.at(lane).slots.free() && list(Kind::waiting).contains(lane);
}

// ------------------------------------------------------------------------------------------------------------
// those who wait

void Scheduler::push_woken(LaneId lane, Key key) {
  change(lane, [&](Place& place) { place.queue.push_woken(key); });
}

void Scheduler::push_created(LaneId lane, Key key) {
  change(lane, [&](Place& place) { place.queue.push_created(key); });
}

void Scheduler::push_behind(LaneId lane, Key key) {
  change(lane, [&](Place& place) { place.queue.push_behind(key); });
}

void Scheduler::push_returning(LaneId lane, Key key) {
  change(lane, [&](Place& place) { place.queue.push_returning(key); });
}

void Scheduler::drop_returning(LaneId lane, Key key) {
  change(lane, [&](Place& place) { place.queue.drop_returning(key); });
}

void Scheduler::fetched(LaneId lane, const std::vector<Key>& keys, Key read_to, bool complete) {
  change(lane, [&](Place& place) { place.queue.fetched(keys, read_to, complete); });
}

void Scheduler::rescan(LaneId lane) {
  change(lane, [](Place& place) { place.queue.rescan(); });
}

void Scheduler::rescan_all() {
  for (const auto& [workflow, lane] : of_workflows_) rescan(lane);
}

std::vector<Key> Scheduler::take_unseen(LaneId lane, std::size_t count_max) {
  std::vector<Key> keys;
  change(lane, [&](Place& place) { keys = place.queue.take_unseen(count_max); });
  return keys;
}

// ------------------------------------------------------------------------------------------------------------
// whose turn it is

// The next lane behind the one that had its turn last.
std::optional<LaneId> Scheduler::take_turn(Kind kind) {
  const std::set<LaneId>& lanes = list(kind);
  if (slots_.all_taken() || lanes.empty()) return std::nullopt;
  const auto behind = lanes.upper_bound(served_);
  served_ = behind != lanes.end() ? *behind : *lanes.begin();
  return served_;
}

std::optional<Scheduler::Next> Scheduler::next() {
  std::optional<LaneId> turn = take_turn(Kind::woken);
  if (!turn) turn = take_turn(Kind::ready);
  if (!turn) return std::nullopt;
  Next next{.lane = *turn};
  change(*turn, [&](Place& place) { next.key = place.queue.pop().value(); });
  return next;
}

std::optional<Key> Scheduler::next_returning() {
  const std::optional<LaneId> turn = take_turn(Kind::returning);
  if (!turn) return std::nullopt;
  std::optional<Key> key;
  change(*turn, [&](Place& place) { key = place.queue.pop_returning(); });
  return key;
}

bool Scheduler::has_next() const {
  if (slots_.all_taken()) return false;
  return !list(Kind::ready).empty() || !list(Kind::returning).empty();
}

}  // namespace cairn::engine
