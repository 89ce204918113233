#include "engine/scheduler/places.hpp"

#include <algorithm>
#include <chrono>

namespace cairn::engine {

namespace {

// More of them wait for a worker in no case.
constexpr std::size_t spare_max = 1'000;
// A turn takes milliseconds. What was measured before a pause says little: half of it is forgotten in this
// time.
constexpr Duration half_life = std::chrono::milliseconds{250};

}  // namespace

std::size_t Places::remembered(Duration uptime) const {
  const std::int64_t halvings = std::max(uptime - measured_, Duration{0}) / half_life;
  return halvings >= 32 ? 0 : in_a_turn_ >> halvings;
}

bool Places::has_room(Carrier carrier, Duration uptime) const {
  const std::size_t taken = kinds_[index(carrier)].taken;
  if (carrier == Carrier::loop) return taken < loop_;
  if (taken < workers_ + spare_) return true;
  return taken < workers_ + std::min(2 * remembered(uptime), spare_max);
}

void Places::wait(Carrier carrier, Key key) {
  Kind& kind = kinds_[index(carrier)];
  if (kind.numbers.emplace(key, next_number_).second) kind.waiting.emplace(next_number_++, key);
}

void Places::forget(Carrier carrier, Key key) {
  Kind& kind = kinds_[index(carrier)];
  const auto found = kind.numbers.find(key);
  if (found == kind.numbers.end()) return;
  kind.waiting.erase(found->second);
  kind.numbers.erase(found);
}

std::optional<Key> Places::next(Carrier carrier, Duration uptime) {
  Kind& kind = kinds_[index(carrier)];
  if (kind.waiting.empty() || !has_room(carrier, uptime)) return std::nullopt;
  const Key key = kind.waiting.begin()->second;
  forget(carrier, key);
  return key;
}

bool Places::ready(Duration uptime) const {
  return std::ranges::any_of(carriers, [&](Carrier carrier) {
    return !kinds_[index(carrier)].waiting.empty() && has_room(carrier, uptime);
  });
}

void Places::end_turn(Duration uptime) {
  if (ended_ >= remembered(uptime)) {
    in_a_turn_ = ended_;
    measured_ = uptime;
  }
  ended_ = 0;
}

}  // namespace cairn::engine
