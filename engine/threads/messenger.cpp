#include "engine/threads/messenger.hpp"

#include <utility>

namespace cairn::engine {

void Messenger::start() {
  if (!thread_.joinable()) thread_ = std::thread{[this] { work(); }};
}

void Messenger::give(Errand errand, Rank rank) {
  const std::lock_guard lock{mutex_};
  (rank == Rank::first ? first_ : last_).push_back(std::move(errand));
  changed_.tell_one();
}

void Messenger::join() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
    changed_.tell_one();
  }
  if (thread_.joinable()) thread_.join();
}

std::size_t Messenger::waiting() const {
  const std::lock_guard lock{mutex_};
  return first_.size() + last_.size();
}

bool Messenger::has_urgent() const {
  const std::lock_guard lock{mutex_};
  return !first_.empty();
}

void Messenger::help() {
  std::unique_lock lock{mutex_};
  if (!first_.empty()) run_first_of(first_, lock);
}

void Messenger::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !first_.empty() || !last_.empty(); });
    Errands& errands = first_.empty() ? last_ : first_;
    if (errands.empty()) return;
    run_first_of(errands, lock);
  }
}

void Messenger::run_first_of(Errands& errands, std::unique_lock<std::mutex>& lock) {
  Errand errand = std::move(errands.front());
  errands.pop_front();
  lock.unlock();
  errand();
  errand = nullptr;  // what it holds is destroyed without the lock
  lock.lock();
}

}  // namespace cairn::engine
