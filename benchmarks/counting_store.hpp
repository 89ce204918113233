#pragma once

#include "tests/forwarding_store.hpp"

#include <cairn/store.hpp>

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace cairn::benchmarks {

// What has become durable, seen at the store. Shared between a benchmark and the store, which the engine
// owns.
class Tally {
 public:
  struct Counts {
    std::size_t groups = 0;    // transactions
    std::size_t results = 0;   // of steps
    std::size_t waits = 0;     // times that an instance began to wait
    std::size_t finished = 0;  // instances
  };

  // For the store: a group that was written.
  void add(std::span<const Change> group);

  void wait_until(const std::function<bool(const Counts&)>& is_reached);
  // Waits until so many instances are complete.
  void wait_for(std::size_t finished) {
    wait_until([&](const Counts& counts) { return counts.finished >= finished; });
  }
  [[nodiscard]] Counts counts() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable grown_;
  Counts counts_;
};

// Hands everything on to another store, and tallies what was written.
class CountingStore final : public testing::ForwardingStore {
 public:
  CountingStore(std::unique_ptr<Store> store, std::shared_ptr<Tally> tally)
      : ForwardingStore(std::move(store)), tally_(std::move(tally)) {}

  std::vector<Outcome> apply(std::span<const Change> group, Time now) override {
    std::vector<Outcome> outcomes = ForwardingStore::apply(group, now);
    tally_->add(group);
    return outcomes;
  }

 private:
  std::shared_ptr<Tally> tally_;
};

}  // namespace cairn::benchmarks
