#pragma once

#include <cairn/time.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace cairn::engine {

/// Lets callers pass those that go on in pieces.
///
/// A piece that cannot be divided, such as a long result that is decoded, holds up who calls meanwhile. Who
/// calls is often served in several turns, and is to be held up by one piece, not by one in each: those who
/// rest let others pass for as long as the last piece took. By the clock that never leaps.
class RightOfWay {
 public:
  /// Somebody has news in this turn.
  void note_call() noexcept { called_ = true; }
  /// So long has workflow code run without an end.
  void note_piece(Duration taken) noexcept { piece_ = std::max(piece_, taken); }
  void end_turn() noexcept {
    last_piece_ = std::exchange(piece_, {});
    called_ = false;
  }

  /// To be asked before any of those who rest goes on: whether they wait.
  bool let_callers_pass(Duration uptime) {
    if (called_ && last_piece_ >= long_piece) until_ = uptime + std::min(last_piece_, longest);
    last_piece_ = {};
    if (!is_given(uptime)) until_.reset();
    return until_.has_value();
  }
  [[nodiscard]] bool is_given(Duration uptime) const { return until_ && uptime < *until_; }
  /// When those who rest go on.
  [[nodiscard]] std::optional<Duration> until() const noexcept { return until_; }

 private:
  static constexpr Duration long_piece = std::chrono::milliseconds{4};
  static constexpr Duration longest = std::chrono::milliseconds{100};

  Duration piece_ = {};       // in this turn
  Duration last_piece_ = {};  // and in the last one
  bool called_ = false;
  std::optional<Duration> until_;
};

}  // namespace cairn::engine
