#pragma once

#include <cairn/store.hpp>

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace cairn::tests {

/// What a test makes a store do, and what it sees of it. Shared between the test and the store, which the
/// engine owns.
class StoreWatch {
 public:
  struct Group {
    std::vector<Change> changes;
    std::thread::id thread;
  };
  enum class Trouble {
    none,
    refuses,           ///< nothing is written: `store_failed`
    loses_answer,      ///< the group is written, and nobody knows: `outcome_unknown`
    loses_commit,      ///< the group is not written, and nobody knows: `outcome_unknown`
    loses_owner,       ///< nothing is written: `file_is_owned`
    throws_anything,   ///< nothing is written: an exception that no store may throw
    answers_nonsense,  ///< outcomes that fit no change
  };

  /// Groups stop before they are written, from now on, until `release`.
  void hold();
  void release();
  /// Waits until a group stands still.
  void wait_until_held();

  void trouble(Trouble trouble);
  /// The same for reads; they only know `none` and `refuses`.
  void trouble_reads(Trouble trouble);

  /// The groups so far, refused ones included.
  [[nodiscard]] std::vector<Group> groups() const;
  void forget_groups();

  // For the store.
  Trouble enter(std::span<const Change> group);
  void read() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Group> groups_;
  Trouble trouble_ = Trouble::none;
  Trouble read_trouble_ = Trouble::none;
  bool hold_ = false;
  std::size_t held_ = 0;
};

/// Stands before another store.
class WatchedStore final : public Store {
 public:
  WatchedStore(std::unique_ptr<Store> store, std::shared_ptr<StoreWatch> watch)
      : store_(std::move(store)), watch_(std::move(watch)) {}

  std::vector<Outcome> apply(std::span<const Change> group, Time now) override;
  bool maintain() override { return store_->maintain(); }
  [[nodiscard]] Ownership ownership() const override { return store_->ownership(); }
  [[nodiscard]] std::vector<WorkflowRow> workflows() const override { return read().workflows(); }
  [[nodiscard]] std::vector<VersionRow> versions(std::int64_t workflow) const override {
    return read().versions(workflow);
  }
  [[nodiscard]] std::optional<InstanceRow> find(std::int64_t workflow, const std::string& id) const override {
    return read().find(workflow, id);
  }
  [[nodiscard]] std::optional<InstanceRow> row(Key key) const override { return read().row(key); }
  [[nodiscard]] std::optional<History> history(Key key) const override { return read().history(key); }
  [[nodiscard]] std::vector<InstanceRow> list(const ListQuery& query) const override {
    return read().list(query);
  }
  [[nodiscard]] std::vector<InstanceRow> queued(std::int64_t workflow, Key after,
                                                std::size_t limit) const override {
    return read().queued(workflow, after, limit);
  }
  [[nodiscard]] std::vector<DueRow> due(const DueRow& after, Time until, std::size_t limit) const override {
    return read().due(after, until, limit);
  }

 private:
  [[nodiscard]] const Store& read() const {
    watch_->read();
    return *store_;
  }

  std::unique_ptr<Store> store_;
  std::shared_ptr<StoreWatch> watch_;
};

}  // namespace cairn::tests
