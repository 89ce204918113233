#include "engine/resident.hpp"

#include <algorithm>

namespace cairn::engine {

namespace {

void lower(std::optional<Time>& least, std::optional<Time> time) {
  if (time && (!least || *time < *least)) least = time;
}

}  // namespace

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

std::optional<Time> Resident::next_due() const {
  std::optional<Time> least;
  for (const auto& [seq, step] : frames->open()) {
    if (step.call != nullptr && !step.unplaced) lower(least, due_of(step));
  }
  return least;
}

std::optional<Time> Resident::next_alarm() const {
  if (condemned || over || wants_slot || wants_back) return std::nullopt;
  return next_due();
}

bool Resident::has_unplaced() const {
  return std::ranges::any_of(unplaced, [](const auto& steps) { return !steps.empty(); });
}

}  // namespace cairn::engine
