#include "storage/clocks.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>
#include <variant>

namespace cairn::storage {
namespace {

Duration sum(Duration left, Duration right) {
  return saturating_add(Time{left}, right).time_since_epoch();
}

// Behind the others; what continues the last one becomes part of it.
void append(std::vector<Leap>& leaps, const Leap& leap) {
  if (leap.first > leap.last || (leap.moved == Duration{0} && leap.least == Duration{0})) return;
  if (!leaps.empty()) {
    Leap& back = leaps.back();
    if (back.last + 1 == leap.first && back.moved == leap.moved && back.least == leap.least) {
      back.last = leap.last;
      return;
    }
  }
  leaps.push_back(leap);
}

// What lies between the two has not moved.
Leap joined(const Leap& one, const Leap& other) {
  Leap leap{one.first, other.last, std::max(one.moved, other.moved), std::min(one.least, other.least)};
  if (one.last + 1 < other.first) {
    leap.moved = std::max(leap.moved, Duration{0});
    leap.least = std::min(leap.least, Duration{0});
  }
  return leap;
}

// Of two different ones that follow each other, the first of the two which are nearest to each other and are
// not `fixed` there. `rising`: more than two.
template <class IsFixed>
auto nearest(const std::set<Duration>& rising, IsFixed is_fixed) {
  auto nearest = rising.end();
  std::uint64_t least = 0;
  for (auto one = rising.begin(); std::next(one) != rising.end(); ++one) {
    if (is_fixed(one)) continue;
    const auto gap = static_cast<std::uint64_t>(std::next(one)->count()) -
                     static_cast<std::uint64_t>(one->count());
    if (nearest != rising.end() && gap >= least) continue;
    nearest = one;
    least = gap;
  }
  return nearest;
}

// Each different shift is a search of its own. What has not moved stands in no range, and stays as it is.
void even_out_ends(std::vector<Leap>& leaps) {
  std::set<Duration> shifts{Duration{0}};
  for (const Leap& leap : leaps) shifts.insert(leap.moved);
  while (shifts.size() > 1 + Leaps::shifts_max) {
    const auto lower = nearest(shifts, [](auto one) { return *one == Duration{0}; });
    for (Leap& leap : leaps) {
      if (leap.moved == *lower) leap.moved = *std::next(lower);
    }
    shifts.erase(lower);
  }
}

// The same, the other way.
void even_out_wakes(std::vector<Leap>& leaps) {
  std::set<Duration> shifts{Duration{0}};
  for (const Leap& leap : leaps) shifts.insert(std::min(leap.least, Duration{0}));
  while (shifts.size() > 1 + Leaps::shifts_max) {
    const auto lower = nearest(shifts, [](auto one) { return *std::next(one) == Duration{0}; });
    const auto upper = std::next(lower);
    for (Leap& leap : leaps) {
      if (leap.least == *upper) leap.least = *lower;
    }
    shifts.erase(upper);
  }
}

}  // namespace

void Leaps::add(std::int64_t first, std::int64_t last, Duration by) {
  if (by == Duration{0}) return;
  std::vector<Leap> leaps;
  leaps.reserve(2 * leaps_.size() + 2);
  std::int64_t next = first;  // of those that are to move
  for (const Leap& leap : leaps_) {
    if (leap.last < first) {
      append(leaps, leap);
      continue;
    }
    append(leaps, {leap.first, std::min(leap.last, first - 1), leap.moved, leap.least});
    append(leaps, {next, leap.first - 1, by, by});
    append(leaps, {std::max(leap.first, first), leap.last, sum(leap.moved, by), sum(leap.least, by)});
    next = leap.last + 1;
  }
  append(leaps, {next, last, by, by});
  while (leaps.size() > count_max) {
    leaps[1] = joined(leaps[0], leaps[1]);
    leaps.erase(leaps.begin());
  }
  even_out_ends(leaps);
  even_out_wakes(leaps);
  leaps_ = std::move(leaps);
}

Shift Leaps::shift_of(std::int64_t clock) const noexcept {
  const auto behind = std::ranges::upper_bound(leaps_, clock, {}, &Leap::first);
  if (behind == leaps_.begin()) return {};
  const Leap& leap = *std::prev(behind);
  if (leap.last < clock) return {};
  return {.ends = leap.moved, .begins = leap.least, .wakes = std::min(leap.least, Duration{0})};
}

std::vector<Duration> Leaps::shifts(Duration Shift::*kind) const {
  std::vector<Duration> shifts{Duration{0}};
  for (const Leap& leap : leaps_) {
    const Duration shift = shift_of(leap.first).*kind;
    if (std::ranges::find(shifts, shift) == shifts.end()) shifts.push_back(shift);
  }
  return shifts;
}

Clocks::Clocks(ClockState found)
    : state_{std::move(found)}, moves_from_{state_.doubtful_since.value_or(state_.number)} {}

void Clocks::move(const MoveClock& change, Time last_time) {
  if (change.clock != 0 && change.clock <= state_.number) return;
  state_.leaps.add(moves_from_, state_.number, change.by);
  if (!change.doubtful) {
    state_.doubtful_since.reset();
    state_.believed_until = {};
  } else {
    if (!state_.doubtful_since) state_.believed_until = last_time;
    state_.doubtful_since = moves_from_;
  }
  state_.number = change.clock != 0 ? change.clock : state_.number + 1;
}

GroupTime::GroupTime(std::span<const Change> group, std::int64_t number, Time end)
    : number_{number}, end_{end} {
  std::int64_t last = number;
  for (const Change& change : group) {
    if (const auto* move = std::get_if<MoveClock>(&change); move != nullptr && begins_clock(*move, last))
      lead_ = sum(lead_, -move->by);
  }
}

bool GroupTime::begins_clock(const MoveClock& move, std::int64_t& number) {
  if (move.clock != 0 && move.clock <= number) return false;
  number = move.clock != 0 ? move.clock : number + 1;
  return true;
}

void GroupTime::pass(const Change& change) {
  const auto* const move = std::get_if<MoveClock>(&change);
  if (move != nullptr && begins_clock(*move, number_)) lead_ = sum(lead_, move->by);
}

void move(InstanceRow& row, const Shift& shift) {
  if (row.wake_at) row.wake_at = saturating_add(*row.wake_at, shift.wakes);
  if (row.paused_at) row.paused_at = saturating_add(*row.paused_at, shift.begins);
  if (row.expires) row.expires = saturating_add(*row.expires, shift.ends);
}

std::optional<Time> moved_due(std::optional<Time> due, bool fixed, const Shift& shift) {
  return due && !fixed ? saturating_add(*due, shift.ends) : due;
}

void move(StepRow& step, std::int64_t clock, const Leaps& leaps, std::int64_t moves_from) {
  if (step.ended_seq || !step.due || step.due_fixed) return;
  step.due = moved_due(step.due, step.due_fixed, leaps.shift_of(clock));
  step.moves = clock >= moves_from;
}

}  // namespace cairn::storage
