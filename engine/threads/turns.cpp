#include "engine/threads/turns.hpp"

namespace cairn::engine {

std::size_t Turns::callers() const noexcept {
  if (const auto* const led = std::get_if<Led>(&lead_)) return led->callers;
  if (const auto* const offered = std::get_if<Offered>(&lead_)) return offered->callers;
  return 0;
}

Turns::Wake Turns::bring() noexcept {
  if (!std::holds_alternative<Rest>(lead_)) return Wake::nobody;  // whoever was told to lead sees to it
  lead_ = Left{};
  return Wake::keeper;
}

std::optional<TurnNumber> Turns::wait_for(TurnNumber turn) noexcept {
  if (auto* const led = std::get_if<Led>(&lead_)) {
    if (turn == coming_) ++led->callers;
    return turn;
  }
  // Whoever was told to lead is still waking up: this one is awake. It finds another leading then.
  const auto* const offered = std::get_if<Offered>(&lead_);
  lead_ = Led{offered != nullptr ? offered->callers : 0};
  return std::nullopt;
}

Turns::Sight Turns::look(TurnNumber turn) noexcept {
  if (is_over(turn)) return Sight::over;
  const auto* const offered = std::get_if<Offered>(&lead_);
  if (offered == nullptr || turn != coming_) return Sight::waits;
  lead_ = Led{offered->callers - 1};
  return Sight::leads;
}

bool Turns::try_lead() noexcept {
  return !is_led() && !join();
}

void Turns::begin() noexcept {
  lead_ = Led{};
  ++coming_;
}

TurnNumber Turns::end() noexcept {
  return ++over_;
}

Turns::Wake Turns::leave(bool more) noexcept {
  const std::size_t callers = std::get<Led>(lead_).callers;
  if (callers > 0) {
    lead_ = Offered{callers};
    return Wake::caller;
  }
  if (more) {
    lead_ = Left{};
    return Wake::keeper;
  }
  lead_ = Rest{};
  return Wake::nobody;
}

}  // namespace cairn::engine
