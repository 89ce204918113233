#pragma once

#include <cairn/store.hpp>

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
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
class CountingStore final : public Store {
 public:
  CountingStore(std::unique_ptr<Store> store, std::shared_ptr<Tally> tally)
      : store_(std::move(store)), tally_(std::move(tally)) {}

  std::vector<Outcome> apply(std::span<const Change> group, Time now) override {
    std::vector<Outcome> outcomes = store_->apply(group, now);
    tally_->add(group);
    return outcomes;
  }
  bool maintain() override { return store_->maintain(); }
  [[nodiscard]] Ownership ownership() const override { return store_->ownership(); }
  [[nodiscard]] std::vector<WorkflowRow> workflows() const override { return store_->workflows(); }
  [[nodiscard]] std::vector<VersionRow> versions(std::int64_t workflow) const override {
    return store_->versions(workflow);
  }
  [[nodiscard]] std::optional<InstanceRow> find(std::int64_t workflow, const std::string& id) const override {
    return store_->find(workflow, id);
  }
  [[nodiscard]] std::optional<InstanceRow> row(Key key) const override { return store_->row(key); }
  [[nodiscard]] std::optional<History> history(Key key) const override { return store_->history(key); }
  [[nodiscard]] std::vector<InstanceRow> list(const ListQuery& query) const override {
    return store_->list(query);
  }
  [[nodiscard]] std::vector<InstanceRow> queued(std::int64_t workflow, Key after,
                                                std::size_t limit) const override {
    return store_->queued(workflow, after, limit);
  }
  [[nodiscard]] std::vector<DueRow> due(const DueRow& after, Time until, std::size_t limit) const override {
    return store_->due(after, until, limit);
  }

 private:
  std::unique_ptr<Store> store_;
  std::shared_ptr<Tally> tally_;
};

}  // namespace cairn::benchmarks
