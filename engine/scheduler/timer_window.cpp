#include "engine/scheduler/timer_window.hpp"

#include <algorithm>
#include <limits>

namespace cairn::engine {

void TimerWindow::add(const DueRow& row) {
  if (Earlier{}(frontier_, row)) return;
  rows_.insert(row);
  if (rows_.size() <= capacity_) return;
  rows_.erase(std::prev(rows_.end()));
  // After a rewind, rows beyond the frontier may be here while some before them are in the store alone.
  if (Earlier{}(*rows_.rbegin(), frontier_)) frontier_ = *rows_.rbegin();
}

std::vector<DueRow> TimerWindow::take_due(Time now) {
  std::vector<DueRow> due;
  while (!rows_.empty() && rows_.begin()->wake_at <= now) {
    due.push_back(*rows_.begin());
    rows_.erase(rows_.begin());
  }
  return due;
}

bool TimerWindow::wants_more(Time now) const {
  return frontier_.wake_at <= now ||
         (rows_.size() < capacity_ / 2 && frontier_.wake_at <= saturating_add(now, span_ / 2));
}

void TimerWindow::fetched(const std::vector<DueRow>& rows, Time horizon, bool complete) {
  frontier_ = complete ? DueRow{.wake_at = horizon, .key = std::numeric_limits<Key>::max()} : rows.back();
  rows_.insert(rows.begin(), rows.end());
}

void TimerWindow::rewind() {
  frontier_ = DueRow{.wake_at = Time::min()};
}

Time TimerWindow::next() const {
  const bool crowded = rows_.size() >= capacity_ / 2;
  const Time refill = crowded ? frontier_.wake_at : saturating_add(frontier_.wake_at, -(span_ / 2));
  return rows_.empty() ? refill : std::min(refill, rows_.begin()->wake_at);
}

}  // namespace cairn::engine
