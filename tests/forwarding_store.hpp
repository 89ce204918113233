#pragma once

#include <cairn/store.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cairn::testing {

// A store that hands everything on to another one: a base for those that do something on the way.
class ForwardingStore : public Store {
 public:
  explicit ForwardingStore(std::unique_ptr<Store> store) : store_{std::move(store)} {}

  std::vector<Outcome> apply(std::span<const Change> group, Time now) override {
    return store_->apply(group, now);
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
};

}  // namespace cairn::testing
