#pragma once

#include <cairn/open.hpp>
#include <cairn/store.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace cairn::tests {

/// What a test makes a store do. Shared between the test and the store, which the engine owns.
class Faults {
 public:
  /// Every write fails with this code from now on; nothing: works again.
  void fail(std::optional<Errc> code) {
    const std::lock_guard lock{mutex_};
    failure_ = code;
  }
  /// Writes wait from now on; false: they go on.
  void hold(bool held) {
    const std::lock_guard lock{mutex_};
    held_ = held;
    changed_.notify_all();
  }
  /// Waits until a write is held.
  void wait_until_held() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return waiting_ > 0; });
  }
  void pass() {
    std::unique_lock lock{mutex_};
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_; });
    --waiting_;
    if (failure_) throw Error{*failure_, "INSERT INTO secret_table failed in /secret/path"};
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Errc> failure_;
  bool held_ = false;
  int waiting_ = 0;
};

/// A store in memory that fails and waits when it is told to.
class FaultyStore final : public Store {
 public:
  explicit FaultyStore(std::shared_ptr<Faults> faults) : faults_(std::move(faults)) {}

  std::vector<Outcome> apply(std::span<const Change> group, Time now) override {
    faults_->pass();
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
  std::shared_ptr<Faults> faults_;
  std::unique_ptr<Store> store_ = open_memory();
};

}  // namespace cairn::tests
