#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

namespace cairn::engine {

/// The slots of one lane.
struct LaneSlots {
  std::size_t limit = 0;  ///< 0: only the engine's limit counts
  std::size_t taken = 0;

  [[nodiscard]] bool free() const noexcept { return limit == 0 || taken < limit; }
};

/// The rule of slots: an instance holds one while it runs. There are so many in all, and as many of a lane as
/// its limit says. A slot may be taken above a limit, by whoever is to end.
class Slots {
 public:
  explicit Slots(std::size_t in_all) noexcept : in_all_(in_all) {}

  [[nodiscard]] std::size_t taken() const noexcept { return taken_; }
  [[nodiscard]] bool all_taken() const noexcept { return taken_ >= in_all_; }
  [[nodiscard]] bool free(const LaneSlots& lane) const noexcept { return !all_taken() && lane.free(); }
  /// How many are free for that lane.
  [[nodiscard]] std::size_t left(const LaneSlots& lane) const noexcept {
    const std::size_t left = in_all_ - std::min(in_all_, taken_);
    return lane.limit == 0 ? left : std::min(left, lane.limit - std::min(lane.limit, lane.taken));
  }
  /// Why none is, for people.
  [[nodiscard]] std::optional<std::string> reason(const LaneSlots& lane) const {
    if (all_taken()) return "no slot of the engine is free, of " + std::to_string(in_all_);
    if (!lane.free()) return "no slot of its workflow is free, of " + std::to_string(lane.limit);
    return std::nullopt;
  }

  void take(LaneSlots& lane) noexcept {
    ++lane.taken;
    ++taken_;
  }
  void give_back(LaneSlots& lane) noexcept {
    --lane.taken;
    --taken_;
  }

 private:
  std::size_t in_all_;
  std::size_t taken_ = 0;
};

}  // namespace cairn::engine
