#include "engine/threads/step_pool.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cairn::engine {

namespace {

thread_local StepPool* current_pool = nullptr;

}  // namespace

void StepPool::start() {
  const std::unique_lock lock{mutex_};
  started_ = true;
  while (threads_.size() < allowed_) threads_.emplace_back([this] { work(); });
}

void StepPool::submit(std::vector<Job> jobs, bool returning) {
  std::size_t wanted = jobs.size();
  {
    const std::unique_lock lock{mutex_};
    jobs_.insert(jobs_.end(), std::make_move_iterator(jobs.begin()), std::make_move_iterator(jobs.end()));
    if (returning && current_pool == this && wanted > 0) --wanted;
    wanted = std::min(wanted, idle_);
  }
  while (wanted-- > 0) changed_.tell_one();
}

void StepPool::join() {
  std::vector<std::thread> threads;
  {
    const std::unique_lock lock{mutex_};
    ending_ = true;
    threads.swap(threads_);
  }
  changed_.tell_all();
  for (std::thread& thread : threads) thread.join();
}

void StepPool::work() {
  current_pool = this;
  std::unique_lock lock{mutex_};
  for (;;) {
    ++idle_;
    changed_.wait(lock,
                  [this] { return (!jobs_.empty() && busy_ < allowed_) || (jobs_.empty() && ending_); });
    --idle_;
    if (jobs_.empty()) {
      changed_.tell_all();  // those who waited behind the last jobs may end as well
      return;
    }
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    ++busy_;
    lock.unlock();
    job();
    job = {};  // what it holds is destroyed without the lock
    lock.lock();
    --busy_;
  }
}

void StepPool::lend() {
  const std::unique_lock lock{mutex_};
  // Threads that were added stay: as many as were ever lent at a time.
  if (started_ && !ending_ && threads_.size() <= allowed_) threads_.emplace_back([this] { work(); });
  ++allowed_;
  changed_.tell_one();
}

void StepPool::take_back() {
  const std::unique_lock lock{mutex_};
  --allowed_;
}

StepPool::Lend::Lend() : pool_(current_pool) {
  if (pool_ != nullptr) pool_->lend();
}

StepPool::Lend::~Lend() {
  if (pool_ != nullptr) pool_->take_back();
}

bool StepPool::here() noexcept {
  return current_pool != nullptr;
}

}  // namespace cairn::engine
