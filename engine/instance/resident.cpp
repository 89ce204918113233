#include "engine/instance/resident.hpp"

#include <algorithm>

namespace cairn::engine {

namespace {

void lower(std::optional<Time>& least, std::optional<Time> time) {
  if (time && (!least || *time < *least)) least = time;
}

}  // namespace

std::optional<Delivery> Resident::next_delivery(Time now) const {
  const OpenStep* first = nullptr;
  std::optional<Time> first_due;
  for (const auto& [seq, step] : frames->open()) {
    if (step.kind == StepKind::step || step.call == nullptr) continue;
    if (step.kind == StepKind::wait_for_event) {
      const auto event = std::ranges::find(events, step.event_type, &EventRow::type);
      if (event != events.end()) return Delivery{seq, static_cast<std::size_t>(event - events.begin())};
    }
    const std::optional<Time> due = due_of(step);
    if (!due || *due > now || (first_due && *due >= *first_due)) continue;
    first = &step;
    first_due = due;
  }
  if (first == nullptr) return std::nullopt;
  return Delivery{.started_seq = first->started_seq};
}

bool Resident::awaits(const std::string& type) const {
  return std::ranges::any_of(frames->open(), [&](const auto& entry) {
    const OpenStep& step = entry.second;
    return step.kind == StepKind::wait_for_event && step.call != nullptr && step.event_type == type;
  });
}

Time Resident::due_since(Time now) const {
  const Time due = std::min(next_due().value_or(now), now);
  const auto event = std::ranges::find_if(events, [&](const EventRow& row) { return awaits(row.type); });
  return event == events.end() ? due : std::min(due, event->received);
}

Duration Resident::paused_until(Time time) const {
  if (!paused_at || time <= *paused_at) return paused_for;
  return paused_for + (time - *paused_at);
}

void Resident::begin_pause(Time now) {
  if (!paused_at) paused_at = now;
}

void Resident::end_pause(Time now) {
  paused_for = paused_until(now);
  paused_at.reset();
}

void Resident::move_clock(Duration by) {
  moved = true;
  for (auto& [seq, step] : frames->open()) {
    if (step.moves && !step.due_fixed && step.due) step.due = saturating_add(*step.due, by);
  }
  if (paused_at) paused_at = saturating_add(*paused_at, by);
}

std::optional<Time> Resident::next_due() const {
  std::optional<Time> least;
  for (const auto& [seq, step] : frames->open()) {
    if (step.call != nullptr && !step.unplaced) lower(least, due_of(step));
  }
  return least;
}

std::optional<Time> Resident::next_alarm() const {
  return is_able() ? next_due() : std::nullopt;
}

bool Resident::has_unplaced() const {
  return std::ranges::any_of(unplaced, [](const auto& steps) { return !steps.empty(); });
}

}  // namespace cairn::engine
