#include "engine/threads/messenger.hpp"

#include <utility>

namespace cairn::engine {

void Messenger::start() {
  if (!thread_.joinable()) thread_ = std::thread{[this] { work(); }};
}

void Messenger::give(Errand errand) {
  const std::lock_guard lock{mutex_};
  errands_.push_back(std::move(errand));
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
  return errands_.size();
}

void Messenger::help() {
  std::unique_lock lock{mutex_};
  if (!errands_.empty()) run_first(lock);
}

void Messenger::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !errands_.empty(); });
    if (errands_.empty()) return;
    run_first(lock);
  }
}

void Messenger::run_first(std::unique_lock<std::mutex>& lock) {
  Errand errand = std::move(errands_.front());
  errands_.pop_front();
  lock.unlock();
  errand();
  errand = nullptr;  // what it holds is destroyed without the lock
  lock.lock();
}

}  // namespace cairn::engine
