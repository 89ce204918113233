#pragma once

#include <cairn/time.hpp>

#include <atomic>
#include <cstdint>
#include <optional>

namespace cairn::engine {

/// Whether the body of a recorded attempt may begin, and whether it has: shared by the conductor, which may
/// change its mind until then, and by whoever runs the body. Thread-safe; one of both is first.
class Launch {
 public:
  /// When a body began, by the wall clock and by the one that never leaps.
  struct Beginning {
    Time at = {};
    Duration uptime = {};
  };

  /// By the thread on which the body begins now. False: it was called off, and must not.
  [[nodiscard]] bool begin(const Beginning& beginning) noexcept {
    State expected = State::waits;
    if (!state_.compare_exchange_strong(expected, State::begins)) return false;
    beginning_ = beginning;
    state_ = State::begun;
    return true;
  }

  /// True: it has not begun, and now it never will.
  [[nodiscard]] bool call_off() noexcept {
    State expected = State::waits;
    return state_.compare_exchange_strong(expected, State::called_off);
  }

  [[nodiscard]] bool is_called_off() const noexcept { return state_ == State::called_off; }
  /// Nothing: it has not begun yet.
  [[nodiscard]] std::optional<Beginning> beginning() const noexcept {
    if (state_ != State::begun) return std::nullopt;
    return beginning_;
  }

 private:
  enum class State : std::uint8_t { waits, begins, begun, called_off };

  std::atomic<State> state_ = State::waits;
  Beginning beginning_;
};

}  // namespace cairn::engine
