#pragma once

#include <cairn/store.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cairn::engine {

/// Stands before the store that the host has given, which may be the host's own. What comes out of it is an
/// `Error` or a `std::bad_alloc`, as a store promises, whatever it throws: `outcome_unknown` for a write,
/// `store_failed` for all else.
class GuardedStore final : public Store {
 public:
  explicit GuardedStore(std::unique_ptr<Store> store) : store_(std::move(store)) {}

  std::vector<Outcome> apply(std::span<const Change> group, Time now) override;
  [[nodiscard]] std::vector<std::optional<History>> load(std::span<const Key> keys,
                                                         std::size_t output_bytes) override;
  [[nodiscard]] std::vector<std::optional<History>> awaiting(std::span<const EventTarget> targets,
                                                             std::size_t output_bytes) override;
  [[nodiscard]] std::vector<StepOutput> outputs(const OutputRange& range) override;
  [[nodiscard]] std::vector<bool> taken(std::span<const WantedId> ids) override;
  bool maintain(Demand demand) override;
  [[nodiscard]] std::vector<Complaint> complaints() const override;
  [[nodiscard]] std::optional<std::vector<InstanceRow>> due_at_once(Time until,
                                                                    std::size_t limit) const override;
  [[nodiscard]] std::uint64_t missed_wakeups() const noexcept override { return store_->missed_wakeups(); }
  [[nodiscard]] Ownership ownership() const override;
  [[nodiscard]] std::vector<WorkflowRow> workflows() const override;
  [[nodiscard]] std::vector<VersionRow> versions(std::int64_t workflow) const override;
  [[nodiscard]] std::optional<InstanceRow> find(std::int64_t workflow, const std::string& id) const override;
  [[nodiscard]] std::optional<InstanceRow> row(Key key) const override;
  [[nodiscard]] std::optional<History> history(Key key, const HistoryOptions& options) const override;
  [[nodiscard]] std::vector<InstanceRow> list(const ListQuery& query) const override;
  [[nodiscard]] std::vector<std::optional<ErrorRecord>> errors(std::span<const Key> keys) const override;
  [[nodiscard]] std::vector<InstanceRow> queued(std::int64_t workflow, Key after,
                                                std::size_t limit) const override;
  [[nodiscard]] std::vector<DueRow> due(const DueRow& after, Time until, std::size_t limit) const override;

 private:
  const std::unique_ptr<Store> store_;
};

}  // namespace cairn::engine
