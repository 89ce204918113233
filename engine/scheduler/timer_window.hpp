#pragma once

#include <cairn/store.hpp>

#include <cstddef>
#include <optional>
#include <set>
#include <vector>

namespace cairn::engine {

/// The part of the store's wake times that is near, in memory.
///
/// Everything up to the *frontier* is here; what lies behind it is in the store alone and is read when its
/// time comes near. So ten million sleeping instances cost rows, and no memory.
class TimerWindow {
 public:
  /// `span`: how far ahead it looks. `capacity`: how many entries it keeps; beyond that the frontier moves
  /// back.
  TimerWindow(Duration span, std::size_t capacity) : span_(span), capacity_(capacity) {}

  /// Takes note of a wake time that was written.
  void add(const DueRow& row);
  /// Removes and gives everything due, earliest first.
  [[nodiscard]] std::vector<DueRow> take_due(Time now);

  /// Whether the store should be asked for what follows the frontier.
  [[nodiscard]] bool wants_more(Time now) const;
  [[nodiscard]] const DueRow& frontier() const noexcept { return frontier_; }
  [[nodiscard]] Time horizon(Time now) const { return saturating_add(now, span_); }
  /// The store's answer for (frontier, horizon]; `complete` when it gave all there is.
  void fetched(const std::vector<DueRow>& rows, Time horizon, bool complete);
  /// Forgets the frontier: the store is read again from the beginning.
  void rewind();

  /// When to look again.
  [[nodiscard]] Time next() const;

 private:
  struct Earlier {
    bool operator()(const DueRow& left, const DueRow& right) const {
      return left.wake_at != right.wake_at ? left.wake_at < right.wake_at : left.key < right.key;
    }
  };

  Duration span_;
  std::size_t capacity_;
  std::set<DueRow, Earlier> rows_;
  DueRow frontier_{.wake_at = Time::min()};
};

}  // namespace cairn::engine
