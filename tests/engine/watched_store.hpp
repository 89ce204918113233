#pragma once

#include "tests/forwarding_store.hpp"

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
  /// Reads wait from now on, as while a store recovers; false: they go on.
  void pause_reads(bool paused);

  /// The groups so far, refused ones included.
  [[nodiscard]] std::vector<Group> groups() const;
  void forget_groups();

  // For the store.
  Trouble enter(std::span<const Change> group);
  void read() const;
  [[nodiscard]] bool lets_read() const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Group> groups_;
  Trouble trouble_ = Trouble::none;
  Trouble read_trouble_ = Trouble::none;
  bool hold_ = false;
  bool paused_ = false;
  std::size_t held_ = 0;
};

/// Stands before another store.
class WatchedStore final : public testing::ForwardingStore {
 public:
  WatchedStore(std::unique_ptr<Store> store, std::shared_ptr<StoreWatch> watch)
      : ForwardingStore(std::move(store)), watch_(std::move(watch)) {}

  std::vector<Outcome> apply(std::span<const Change> group, Time now) override;
  [[nodiscard]] std::optional<std::vector<InstanceRow>> due_at_once(Time until,
                                                                    std::size_t limit) const override;

 private:
  [[nodiscard]] const Store& read() const override {
    watch_->read();
    return ForwardingStore::read();
  }

  std::shared_ptr<StoreWatch> watch_;
};

}  // namespace cairn::tests
