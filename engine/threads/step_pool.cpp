#include "engine/threads/step_pool.hpp"

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

namespace cairn::engine {

namespace {

thread_local StepPool* current_pool = nullptr;

}  // namespace

void StepPool::start() {
  const std::unique_lock lock{mutex_};
  started_ = true;
  while (threads_.size() < size_) threads_.emplace_back([this] { work(); });
}

void StepPool::submit(Jobs jobs, bool returning) {
  std::size_t wanted = jobs.size();
  {
    const std::unique_lock lock{mutex_};
    jobs_.insert(jobs_.end(), std::make_move_iterator(jobs.begin()), std::make_move_iterator(jobs.end()));
    if (returning && current_pool == this && wanted > 0) --wanted;
    wanted = std::min(wanted, idle_);
  }
  while (wanted-- > 0) changed_.tell_one();
}

// What they hold is destroyed without the lock.
void StepPool::drop_unwanted() noexcept {
  Jobs dropped;
  const std::unique_lock lock{mutex_};
  const auto unwanted = static_cast<std::size_t>(
      std::ranges::count_if(jobs_, [](const std::shared_ptr<Job>& job) { return !job->wanted(); }));
  try {
    dropped.reserve(unwanted);
  } catch (const std::bad_alloc&) {
    return;
  }
  auto kept = jobs_.begin();
  for (std::shared_ptr<Job>& job : jobs_) {
    if (dropped.size() < unwanted && !job->wanted()) {
      dropped.push_back(std::move(job));
    } else {
      *kept++ = std::move(job);
    }
  }
  jobs_.erase(kept, jobs_.end());
}

StepPool::Jobs StepPool::waiting() const {
  const std::unique_lock lock{mutex_};
  return {jobs_.begin(), jobs_.end()};
}

std::size_t StepPool::returning() const {
  const std::unique_lock lock{mutex_};
  return returning_;
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
    changed_.wait(lock, [this] { return jobs_.empty() ? ending_ : busy_ + returning_ < size_; });
    --idle_;
    if (jobs_.empty()) {
      changed_.tell_all();  // those who waited behind the last jobs may end as well
      return;
    }
    std::shared_ptr<Job> job = std::move(jobs_.front());
    jobs_.pop_front();
    ++busy_;
    lock.unlock();
    job->run();
    job.reset();  // what it holds is destroyed without the lock
    lock.lock();
    leave_place();
  }
}

// With the lock. Who wants a place back comes first; the calling thread sees to the jobs, or has another do
// so.
void StepPool::leave_place() {
  --busy_;
  if (returning_ > 0) returned_.tell_one();
}

void StepPool::lend_place() {
  const std::unique_lock lock{mutex_};
  // Threads that were added stay: as many as were ever lent at a time.
  if (started_ && !ending_ && threads_.size() <= size_ + lent_) threads_.emplace_back([this] { work(); });
  ++lent_;
  leave_place();
  changed_.tell_one();
}

void StepPool::take_place_back(bool at_once, const std::stop_token& asked) {
  // Destroyed behind the lock: it may be running, and then wants it.
  const std::stop_callback told{asked, [this] { tell_all_returning(); }};
  std::unique_lock lock{mutex_};
  ++returning_;
  if (!at_once) returned_.wait(lock, [&] { return busy_ < size_ || asked.stop_requested(); });
  --returning_;
  --lent_;
  ++busy_;
}

void StepPool::tell_all_returning() {
  const std::unique_lock lock{mutex_};
  returned_.tell_all();
}

void StepPool::lend() {
  if (current_pool != nullptr) current_pool->lend_place();
}

void StepPool::take_back(bool at_once, const std::stop_token& asked) {
  if (current_pool != nullptr) current_pool->take_place_back(at_once, asked);
}

bool StepPool::here() noexcept {
  return current_pool != nullptr;
}

}  // namespace cairn::engine
