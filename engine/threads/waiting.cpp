#include "engine/threads/waiting.hpp"

#include "engine/threads/step_pool.hpp"

#include <algorithm>
#include <utility>

namespace cairn::engine {

namespace {

/// What a thread waits for on its own stack.
class Turn {
 public:
  void come() {
    const std::lock_guard lock{mutex_};
    here_ = true;
    changed_.notify_one();  // with the lock: behind it the thread may be gone
  }
  void wait() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return here_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool here_ = false;
};

}  // namespace

void Waiting::tell(std::exception_ptr error, detail::Ended ended) noexcept {
  {
    const std::lock_guard lock{mutex_};
    if (told_) return;
    error_ = std::move(error);
    ended_ = std::move(ended);
    told_ = true;
  }
  changed_.notify_all();
}

Waiting::End Waiting::wait(std::optional<Duration> limit, const std::stop_token& asked) {
  std::unique_lock lock{mutex_};
  const auto told = [this] { return told_; };
  if (limit) {
    changed_.wait_for(lock, asked, std::clamp(*limit, Duration{0}, duration_max), told);
  } else {
    changed_.wait(lock, asked, told);
  }
  if (told_) return End::told;
  return asked.stop_requested() ? End::asked : End::late;
}

detail::Ended Waiting::take() {
  const std::lock_guard lock{mutex_};
  if (error_) std::rethrow_exception(error_);
  return std::move(ended_);
}

Lent::Lent(detail::BodyRun* body) : body_(body), wait_(body == nullptr ? 0 : body->next_wait()) {
  if (body_ != nullptr) body_->lend(wait_);
}

void Lent::take_back(bool at_once) noexcept {
  detail::BodyRun* const body = std::exchange(body_, nullptr);
  if (body == nullptr) return;
  Turn slot;
  body->take_back(wait_, at_once, [&slot] { slot.come(); });
  slot.wait();
  StepPool::take_back(at_once, body->context().stop_token());
}

}  // namespace cairn::engine
