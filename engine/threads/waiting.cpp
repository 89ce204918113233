#include "engine/threads/waiting.hpp"

#include "engine/threads/step_pool.hpp"

#include <algorithm>
#include <utility>

namespace cairn::engine {

namespace {

/// What a thread waits for on its own stack.
class Turn {
 public:
  explicit Turn(MissedWakeups& missed) noexcept : changed_(missed) {}

  void come() {
    const std::lock_guard lock{mutex_};
    here_ = true;
    changed_.tell_one();  // with the lock: behind it the thread may be gone
  }
  void wait() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return here_; });
  }

 private:
  std::mutex mutex_;
  Signal changed_;
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
    changed_.note_telling();
  }
  changed_.tell_all();
}

Waiting::End Waiting::wait(std::optional<Duration> limit, const std::stop_token& asked) {
  // Destroyed behind the lock: it may be running, and then wants it.
  const std::stop_callback told_to_stop{asked, [this] {
                                          const std::lock_guard lock{mutex_};
                                          asked_ = true;
                                          changed_.tell_all();
                                        }};
  const auto until = std::chrono::steady_clock::now() +
                     std::clamp(limit.value_or(duration_max), Duration{0}, duration_max);
  std::unique_lock lock{mutex_};
  while (!told_ && !asked.stop_requested()) {
    const std::chrono::nanoseconds left = until - std::chrono::steady_clock::now();
    if (limit && left.count() <= 0) break;
    const bool told = changed_.sleep(
        lock,
        limit ? std::min<std::chrono::nanoseconds>(left, Signal::default_bound) : Signal::default_bound);
    // A stop that nobody has told of yet is no miss: other callbacks may take their time.
    if (!told && (told_ || asked_)) changed_.note_missed();
  }
  if (told_) return End::told;
  return asked.stop_requested() ? End::asked : End::late;
}

detail::Ended Waiting::take() {
  const std::lock_guard lock{mutex_};
  if (error_) std::rethrow_exception(error_);
  return std::move(ended_);
}

Lent::Lent(detail::BodyRun* body, MissedWakeups& missed)
    : body_(body), wait_(body == nullptr ? 0 : body->next_wait()), missed_(missed) {
  if (body_ != nullptr) body_->lend(wait_);
}

void Lent::take_back(bool at_once) noexcept {
  detail::BodyRun* const body = std::exchange(body_, nullptr);
  if (body == nullptr) return;
  Turn slot{missed_};
  body->take_back(wait_, at_once, [&slot] { slot.come(); });
  slot.wait();
  StepPool::take_back(at_once, body->context().stop_token());
}

}  // namespace cairn::engine
