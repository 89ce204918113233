#include "engine/scheduler/turn_budget.hpp"

namespace cairn::engine {

namespace {

constexpr std::size_t bytes_per_row = 1'024;  // large ones cost more

}  // namespace

Share TurnBudget::next_share() const noexcept {
  return Share{limits_.least + std::min(limits_.share, shares_left_)};
}

void TurnBudget::note_used(const Share& share) noexcept {
  const std::size_t beyond = share.used() - std::min(share.used(), limits_.least);
  shares_left_ -= std::min(shares_left_, beyond);
}

void TurnBudget::note_read(const History& history) noexcept {
  std::size_t bytes = 0;
  for (const StepRow& step : history.steps) bytes += step.output.size();
  note_rows(1 + history.steps.size() + bytes / bytes_per_row);
}

}  // namespace cairn::engine
