#pragma once

#include <cairn/store.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_set>
#include <vector>

namespace cairn::engine {

/// Number of a lane.
enum class LaneId : std::int64_t {};

/// What waits for a slot in one lane. Woken instances go before newly created ones, and before both those
/// that have lent their slots and want them back. Those that gave their slot back go behind whoever waited
/// then.
///
/// Only the next few thousand of those newly created are in memory; the others are found in the store by key.
class Lane {
 public:
  void push_woken(Key key);
  /// An instance was created. Kept if nothing older is in the store alone; else it is found there in its
  /// turn.
  void push_created(Key key);
  /// An instance gave its slot back to those that wait, and has more to do.
  void push_behind(Key key);
  /// Of the woken and the created.
  [[nodiscard]] std::optional<Key> pop();

  /// The instance wants back the slot that it has lent.
  void push_returning(Key key) { returning_.push_back(key); }
  void drop_returning(Key key) { std::erase(returning_, key); }
  [[nodiscard]] std::optional<Key> pop_returning();
  [[nodiscard]] std::size_t returning() const noexcept { return returning_.size(); }

  /// Whether nobody waits, so that a newly created instance may start at once.
  [[nodiscard]] bool idle() const noexcept {
    return woken_.empty() && created_.empty() && behind_.empty() && !more_in_store_;
  }
  [[nodiscard]] std::size_t woken() const noexcept { return woken_.size(); }
  /// Of those that were woken, each is given once, in their order.
  [[nodiscard]] std::vector<Key> take_unseen(std::size_t count_max);
  [[nodiscard]] bool has_unseen() const noexcept { return seen_ < woken_.size(); }
  /// Whether `pop` has something to give.
  [[nodiscard]] bool ready() const noexcept {
    return !woken_.empty() || !created_.empty() || behind_is_next();
  }
  [[nodiscard]] bool wants_more() const noexcept { return created_.empty() && more_in_store_; }
  [[nodiscard]] Key read_to() const noexcept { return read_to_; }
  /// What there is up to `read_to`; `complete`: and behind it there is no more.
  void fetched(const std::vector<Key>& keys, Key read_to, bool complete);
  /// Reads the store again from the beginning: another version was defined, or a commit failed.
  void rescan();

 private:
  static constexpr std::size_t capacity = 10'000;

  struct Behind {
    Key key;
    std::uint64_t after;  // so many that were created have gone
  };
  [[nodiscard]] bool behind_is_next() const noexcept {
    if (behind_.empty()) return false;
    return behind_.front().after <= gone_ || (created_.empty() && !more_in_store_);
  }

  std::deque<Key> returning_;
  std::deque<Key> woken_;
  std::unordered_set<Key> woken_keys_;
  std::size_t seen_ = 0;  // of the woken, from the first one on
  std::deque<Key> created_;
  std::deque<Behind> behind_;
  std::uint64_t gone_ = 0;  // of those that were created
  Key read_to_ = 0;         // every queued instance up to this key has been here
  bool more_in_store_ = false;
};

}  // namespace cairn::engine
