#include "engine/conductor/conductor.hpp"

#include <algorithm>
#include <utility>

// Events. One that is waited for goes straight to its wait: one change says what the wait has returned and
// what followed, and the sender is answered when that is durable. Every other is written, and kept until a
// wait asks for it.
namespace cairn::engine {

namespace {

// The store numbers events from 1.
constexpr std::int64_t unnumbered = 0;

}  // namespace

std::vector<EventTarget> Conductor::foresee(std::span<const Input> inputs) const {
  std::vector<EventTarget> targets;
  if (!begun_ || halting_ || store_.rests() || !budget_.has_rows()) return targets;
  for (const Input& input : inputs) {
    const auto* intake = std::get_if<Intake>(&input);
    const auto* event = intake != nullptr ? std::get_if<SendEvent>(&intake->change) : nullptr;
    if (event == nullptr || residents_.contains(event->key) || left_.contains(event->key)) continue;
    if (!changed_.contains(event->key)) targets.push_back({event->key, event->type});
  }
  return targets;
}

void Conductor::answer(std::span<const EventTarget> targets, std::vector<std::optional<History>> histories) {
  foreseen_.clear();
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!histories[i]) continue;
    budget_.note_read(*histories[i]);
    foreseen_.emplace(targets[i].key, *std::move(histories[i]));
  }
}

void Conductor::send(SendEvent& event, Reply& reply, Time now) {
  Resident* resident = recipient(event, now);
  if (!can_go_straight(resident, event, now)) return write_event(std::move(event), std::move(reply));
  if (!resident->holds_slot) take_slot(*resident);
  send_straight(*resident, event, reply, now);
}

// In memory, or brought there when it can take the event now. What was read of it is all that there is of it,
// unless the group that is put together changes it.
Resident* Conductor::recipient(const SendEvent& event, Time now) {
  Resident* resident = find(event.key);
  const auto found = foreseen_.find(event.key);
  if (resident != nullptr || found == foreseen_.end()) return resident;
  if (halting_ || pending_moves_ > 0 || loading_.contains(event.key)) return nullptr;
  if (left_.contains(event.key) || changed_.contains(event.key)) return nullptr;
  History history = std::move(foreseen_.extract(found).mapped());
  const Registry::Entry* entry = registry_.find(history.row.version);
  const LaneId lane = scheduler_.lane_of(history.row.workflow);
  if (entry == nullptr || !scheduler_.may_begin_at_once(lane) || scheduler_.lane(lane).woken() > 0)
    return nullptr;
  resident = admit(std::move(history), *entry);
  if (resident == nullptr) return nullptr;
  take_slot(*resident);
  settle(*resident, {}, now);
  return find(event.key);
}

// Events of one type are taken in their order: none that has come before it is on its way to the record. One
// that is there already has been taken by a wait, or no wait asks for the type. What is due now, such as the
// timeout of the wait, goes before it.
bool Conductor::can_go_straight(Resident* resident, const SendEvent& event, Time now) const {
  if (resident == nullptr || !begun_ || halting_ || store_.rests() || changed_.contains(event.key))
    return false;
  if (!resident->is_able() || resident->slot_lent) return false;
  if (!resident->holds_slot && !scheduler_.may_begin_at_once(resident->lane)) return false;
  if (resident->events.size() >= event.buffered_max) return false;
  if (const std::optional<Time> due = resident->next_due(); due && *due <= now) return false;
  return resident->awaits(event.type);
}

void Conductor::send_straight(Resident& resident, SendEvent& event, Reply& reply, Time now) {
  resident.events.push_back({unnumbered, event.type, event.payload, now});
  resident.arrival = std::make_unique<Arrival>(std::move(event), std::move(reply));
  settle(resident, {}, now);  // its wait is open, and is asked before anything else
}

// The code cannot read it, or others were in the way: it is one to keep.
void Conductor::keep_undelivered(Resident& resident) {
  const auto undelivered = std::ranges::find(resident.events, unnumbered, &EventRow::event);
  if (undelivered == resident.events.end()) return;
  resident.events.erase(undelivered);
  const std::unique_ptr<Arrival> arrival = std::move(resident.arrival);
  write_event(std::move(arrival->event), std::move(arrival->reply));
}

void Conductor::write_event(SendEvent event, Reply reply) {
  changed_.insert(event.key);
  push(std::move(event), {.reply = std::move(reply)});
}

// The change whose results hold the event that arrives is the one that delivers it.
std::unique_ptr<Arrival> Conductor::take_arrival(Resident& resident, Advance& advance) {
  for (StepResult& result : advance.results) {
    if (result.event != unnumbered) continue;
    result.event.reset();
    return std::move(resident.arrival);
  }
  return nullptr;
}

void Conductor::committed(Arrival& arrival, const Advance& advance, const Advanced& advanced,
                          std::int64_t workflow) {
  // The store knows better whether it waits: then the event is one to keep.
  if (!advanced.recorded) return write_event(std::move(arrival.event), std::move(arrival.reply));
  const Sent sent{.awaited = true, .status = advanced.status, .run = advance.run, .workflow = workflow};
  if (arrival.reply.done) arrival.reply.done(std::move(arrival.event), sent);
  keep_behind_turn(arrival.reply);
}

void Conductor::committed(const SendEvent& event, const Sent& sent, Time now) {
  if (sent.refused) return;
  Resident* resident = find(event.key);
  if (resident == nullptr) {
    if (sent.awaited && sent.status == Status::waiting) enqueue(sent.workflow, event.key);
    return;
  }
  if (resident->condemned || resident->run != sent.run)
    return;  // it is read again when the frames are rebuilt
  resident->events.push_back({sent.event, event.type, event.payload, now});
  if (resident->awaits(event.type)) wake(*resident, now);
}

}  // namespace cairn::engine
