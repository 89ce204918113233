#pragma once

#include "tests/forwarding_store.hpp"

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
class FaultyStore final : public testing::ForwardingStore {
 public:
  explicit FaultyStore(std::shared_ptr<Faults> faults)
      : ForwardingStore(open_memory()), faults_(std::move(faults)) {}

  std::vector<Outcome> apply(std::span<const Change> group, Time now) override {
    faults_->pass();
    return ForwardingStore::apply(group, now);
  }

 private:
  std::shared_ptr<Faults> faults_;
};

}  // namespace cairn::tests
