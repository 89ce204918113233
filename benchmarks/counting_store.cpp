#include "benchmarks/counting_store.hpp"

#include <variant>

namespace cairn::benchmarks {

void Tally::add(std::span<const Change> group) {
  const std::lock_guard lock{mutex_};
  ++counts_.groups;
  for (const Change& change : group) {
    const auto* advance = std::get_if<Advance>(&change);
    if (advance == nullptr) continue;
    counts_.results += advance->results.size();
    if (advance->leave == Cause::wait) ++counts_.waits;
    if (advance->leave == Cause::complete) ++counts_.finished;
  }
  grown_.notify_all();
}

void Tally::wait_until(const std::function<bool(const Counts&)>& is_reached) {
  std::unique_lock lock{mutex_};
  grown_.wait(lock, [&] { return is_reached(counts_); });
}

Tally::Counts Tally::counts() const {
  const std::lock_guard lock{mutex_};
  return counts_;
}

}  // namespace cairn::benchmarks
