#include "engine/scheduler/lane.hpp"

#include <algorithm>
#include <cstddef>

namespace cairn::engine {

void Lane::push_woken(Key key) {
  if (woken_keys_.insert(key).second) woken_.push_back(key);
}

void Lane::push_created(Key key) {
  if (more_in_store_) return;
  if (created_.size() >= capacity) {
    more_in_store_ = true;
    return;
  }
  created_.push_back(key);
  read_to_ = key;
}

// Of those that stand in the store alone, one goes before it as well.
void Lane::push_behind(Key key) {
  const std::size_t before = created_.empty() && more_in_store_ ? 1 : created_.size();
  behind_.push_back({key, gone_ + before});
}

std::optional<Key> Lane::pop() {
  if (!woken_.empty()) {
    const Key key = woken_.front();
    woken_.pop_front();
    woken_keys_.erase(key);
    if (seen_ > 0) --seen_;
    return key;
  }
  if (behind_is_next()) {
    const Key key = behind_.front().key;
    behind_.pop_front();
    return key;
  }
  if (created_.empty()) return std::nullopt;
  const Key key = created_.front();
  created_.pop_front();
  ++gone_;
  return key;
}

std::vector<Key> Lane::take_unseen(std::size_t count_max) {
  const std::size_t end = std::min(woken_.size(), seen_ + count_max);
  std::vector<Key> keys(woken_.begin() + static_cast<std::ptrdiff_t>(seen_),
                        woken_.begin() + static_cast<std::ptrdiff_t>(end));
  seen_ = end;
  return keys;
}

std::optional<Key> Lane::pop_returning() {
  if (returning_.empty()) return std::nullopt;
  const Key key = returning_.front();
  returning_.pop_front();
  return key;
}

void Lane::fetched(const std::vector<Key>& keys, Key read_to, bool complete) {
  created_.insert(created_.end(), keys.begin(), keys.end());
  read_to_ = read_to;
  more_in_store_ = !complete;
}

void Lane::rescan() {
  created_.clear();
  read_to_ = 0;
  more_in_store_ = true;
}

}  // namespace cairn::engine
