#pragma once

#include <cairn/store.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cairn::testing {

// A store that hands everything on to another one: a base for those that do something on the way, with each
// write in `apply` or with each read in `read`.
class ForwardingStore : public Store {
 public:
  explicit ForwardingStore(std::shared_ptr<Store> store) : store_{std::move(store)} {}

  std::vector<Outcome> apply(std::span<const Change> group, Time now) override {
    return store_->apply(group, now);
  }
  [[nodiscard]] std::vector<std::optional<History>> load(std::span<const Key> keys,
                                                         std::size_t output_bytes) override {
    static_cast<void>(read());
    return store_->load(keys, output_bytes);
  }
  [[nodiscard]] std::vector<std::optional<History>> awaiting(std::span<const EventTarget> targets,
                                                             std::size_t output_bytes) override {
    static_cast<void>(read());
    return store_->awaiting(targets, output_bytes);
  }
  [[nodiscard]] std::vector<StepOutput> outputs(const OutputRange& range) override {
    static_cast<void>(read());
    return store_->outputs(range);
  }
  [[nodiscard]] std::vector<bool> taken(std::span<const WantedId> ids) override {
    static_cast<void>(read());
    return store_->taken(ids);
  }
  bool maintain(Demand demand) override { return store_->maintain(demand); }
  [[nodiscard]] std::vector<Complaint> complaints() const override { return store_->complaints(); }
  [[nodiscard]] std::optional<std::vector<InstanceRow>> due_at_once(Time until,
                                                                    std::size_t limit) const override {
    return read().due_at_once(until, limit);
  }
  [[nodiscard]] std::uint64_t missed_wakeups() const noexcept override { return store_->missed_wakeups(); }
  [[nodiscard]] Ownership ownership() const override { return store_->ownership(); }
  [[nodiscard]] std::vector<WorkflowRow> workflows() const override { return read().workflows(); }
  [[nodiscard]] std::vector<VersionRow> versions(std::int64_t workflow) const override {
    return read().versions(workflow);
  }
  [[nodiscard]] std::optional<InstanceRow> find(std::int64_t workflow, const std::string& id) const override {
    return read().find(workflow, id);
  }
  [[nodiscard]] std::optional<InstanceRow> row(Key key) const override { return read().row(key); }
  [[nodiscard]] std::optional<History> history(Key key, const HistoryOptions& options = {}) const override {
    return read().history(key, options);
  }
  [[nodiscard]] std::vector<InstanceRow> list(const ListQuery& query) const override {
    return read().list(query);
  }
  [[nodiscard]] std::vector<std::optional<ErrorRecord>> errors(std::span<const Key> keys) const override {
    return read().errors(keys);
  }
  [[nodiscard]] std::vector<InstanceRow> queued(std::int64_t workflow, Key after,
                                                std::size_t limit) const override {
    return read().queued(workflow, after, limit);
  }
  [[nodiscard]] std::vector<DueRow> due(const DueRow& after, Time until, std::size_t limit) const override {
    return read().due(after, until, limit);
  }

 protected:
  // The store behind, for a read.
  [[nodiscard]] virtual const Store& read() const { return *store_; }

 private:
  std::shared_ptr<Store> store_;  // shared: one in memory may outlive its owner
};

}  // namespace cairn::testing
