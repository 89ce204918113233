#pragma once

#include "storage/sqlite/rows.hpp"

#include <cairn/store.hpp>

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>

namespace cairn::sqlite {

// An instance as the writer has seen it last.
struct LiveInstance {
  StoredInstance stored;
  std::optional<Sequence> last_started = std::nullopt;  // number of its latest step; nothing: not asked yet
};

// Instances that were changed lately, so that their next change need not read them again: a step then costs
// its writes alone. What stands here is what the open transaction would read: whoever writes a row writes it
// here as well, and after a rollback all are forgotten.
class WorkingSet {
 public:
  // Stays where it is until it is forgotten, or another one is added.
  [[nodiscard]] LiveInstance* find(Key key) {
    const auto found = instances_.find(key);
    return found == instances_.end() ? nullptr : &found->second;
  }
  LiveInstance& add(StoredInstance stored) {
    // Which one goes does not matter: it is read again when it is needed.
    if (instances_.size() >= capacity) instances_.erase(instances_.begin());
    const Key key = stored.row.key;
    return instances_.insert_or_assign(key, LiveInstance{std::move(stored)}).first->second;
  }
  void forget(Key key) { instances_.erase(key); }
  void clear() { instances_.clear(); }

 private:
  // Some 400 bytes each.
  static constexpr std::size_t capacity = 16'384;

  std::unordered_map<Key, LiveInstance> instances_;
};

}  // namespace cairn::sqlite
