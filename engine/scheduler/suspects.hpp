#pragma once

#include "engine/scheduler/lane.hpp"

#include <cairn/store.hpp>

#include <cstddef>
#include <vector>

namespace cairn::engine {

/// The rule of suspects: whose bodies were in flight at a crash may have caused it. Those that were so twice
/// run a few at a time; the others are held back until the last of these has ended.
class Suspects {
 public:
  struct Held {
    LaneId lane = {};
    Key key = 0;
  };

  explicit Suspects(std::size_t places) noexcept : places_(places) {}

  [[nodiscard]] std::size_t places() const noexcept { return places_; }
  /// Takes so many places for one of them. False: there are fewer left, and it is held back.
  [[nodiscard]] bool admit(std::size_t places, Held suspect) {
    if (taken_ + places > places_) {
      held_.push_back(suspect);
      return false;
    }
    taken_ += places;
    return true;
  }
  void leave(std::size_t places) noexcept { taken_ -= places; }

  /// The next few of those held back, when the last ones have ended.
  [[nodiscard]] std::vector<Held> take_next() {
    std::vector<Held> next;
    while (taken_ == 0 && next.size() < places_ && !held_.empty()) {
      next.push_back(held_.back());
      held_.pop_back();
    }
    return next;
  }
  [[nodiscard]] bool hold_somebody() const noexcept { return !held_.empty(); }

 private:
  std::size_t places_;
  std::size_t taken_ = 0;
  std::vector<Held> held_;
};

}  // namespace cairn::engine
