#include "tests/engine/watched_store.hpp"

#include <stdexcept>

namespace cairn::tests {

void StoreWatch::hold() {
  const std::lock_guard lock{mutex_};
  hold_ = true;
}

void StoreWatch::release() {
  const std::lock_guard lock{mutex_};
  hold_ = false;
  changed_.notify_all();
}

void StoreWatch::wait_until_held() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return held_ > 0; });
}

void StoreWatch::trouble(Trouble trouble) {
  const std::lock_guard lock{mutex_};
  trouble_ = trouble;
}

void StoreWatch::trouble_reads(Trouble trouble) {
  const std::lock_guard lock{mutex_};
  read_trouble_ = trouble;
}

std::vector<StoreWatch::Group> StoreWatch::groups() const {
  const std::lock_guard lock{mutex_};
  return groups_;
}

void StoreWatch::forget_groups() {
  const std::lock_guard lock{mutex_};
  groups_.clear();
}

StoreWatch::Trouble StoreWatch::enter(std::span<const Change> group) {
  std::unique_lock lock{mutex_};
  groups_.push_back({{group.begin(), group.end()}, std::this_thread::get_id()});
  if (hold_) {
    ++held_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !hold_; });
    --held_;
  }
  return trouble_;
}

void StoreWatch::pause_reads(bool paused) {
  const std::lock_guard lock{mutex_};
  paused_ = paused;
  changed_.notify_all();
}

bool StoreWatch::lets_read() const {
  const std::lock_guard lock{mutex_};
  return !paused_;
}

void StoreWatch::read() const {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return !paused_; });
  if (read_trouble_ != Trouble::none) throw Error{Errc::store_failed, "the disk does not answer"};
}

std::optional<std::vector<InstanceRow>> WatchedStore::due_at_once(Time until, std::size_t limit) const {
  if (!watch_->lets_read()) return std::nullopt;
  return ForwardingStore::due_at_once(until, limit);
}

std::vector<Outcome> WatchedStore::apply(std::span<const Change> group, Time now) {
  using Trouble = StoreWatch::Trouble;
  const Trouble trouble = watch_->enter(group);
  switch (trouble) {
    case Trouble::refuses:
      throw Error{Errc::store_failed, "the disk is full"};
    case Trouble::loses_owner:
      throw Error{Errc::file_is_owned, "another engine owns the store now"};
    case Trouble::throws_anything:
      throw std::runtime_error{"out of memory"};
    case Trouble::answers_nonsense: {
      std::vector<Outcome> nonsense;
      for (const Change& change : group) {
        nonsense.push_back(std::holds_alternative<Sweep>(change) ? Outcome{Created{}} : Outcome{Swept{}});
      }
      return nonsense;
    }
    case Trouble::loses_commit:
      throw Error{Errc::outcome_unknown, "the commit failed and could not be read back"};
    case Trouble::none:
    case Trouble::loses_answer:
      break;
  }
  std::vector<Outcome> outcomes = ForwardingStore::apply(group, now);
  if (trouble == Trouble::loses_answer) {
    throw Error{Errc::outcome_unknown, "the commit failed and could not be read back"};
  }
  return outcomes;
}

}  // namespace cairn::tests
