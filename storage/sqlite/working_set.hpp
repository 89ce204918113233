#pragma once

#include "storage/sqlite/rows.hpp"

#include <cairn/store.hpp>

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cairn::sqlite {

// An instance as the writer has seen it last.
struct LiveInstance {
  StoredInstance stored;
  std::optional<Sequence> last_started = std::nullopt;  // number of its latest step; nothing: not asked yet
};

// Instances that were changed or read lately, so that their next change need not read them again: a step then
// costs its writes alone. What stands here is what the open transaction would read: whoever writes a row
// writes it here as well, and after a rollback all are forgotten.
class WorkingSet {
 public:
  // Stays where it is until it is forgotten, or another one is added.
  [[nodiscard]] LiveInstance* find(Key key) {
    const auto found = instances_.find(key);
    return found == instances_.end() ? nullptr : &found->second;
  }
  // The one that was added first goes for it when there are too many; it is read again if it is needed.
  LiveInstance& add(StoredInstance stored) {
    const Key key = stored.row.key;
    if (keys_.size() < capacity) {
      keys_.push_back(key);
    } else {
      instances_.erase(std::exchange(keys_[oldest_], key));
      oldest_ = (oldest_ + 1) % capacity;
    }
    return instances_.insert_or_assign(key, LiveInstance{std::move(stored)}).first->second;
  }
  void forget(Key key) { instances_.erase(key); }
  void clear() { instances_.clear(); }

 private:
  // Some 400 bytes each.
  static constexpr std::size_t capacity = 16'384;

  std::unordered_map<Key, LiveInstance> instances_;
  std::vector<Key> keys_;  // in the order in which they were added, from `oldest_` on; some are forgotten
  std::size_t oldest_ = 0;
};

}  // namespace cairn::sqlite
