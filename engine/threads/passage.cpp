#include "engine/threads/passage.hpp"

namespace cairn::engine {

namespace {

constexpr std::size_t closed = 1;
constexpr std::size_t one = 2;

}  // namespace

bool Passage::enter() noexcept {
  std::size_t state = state_;
  while ((state & closed) == 0) {
    if (state_.compare_exchange_weak(state, state + one)) return true;
  }
  return false;
}

// Once it is closed with the lock, behind which this may be gone.
void Passage::leave() noexcept {
  std::size_t state = state_;
  while ((state & closed) == 0) {
    if (state_.compare_exchange_weak(state, state - one)) return;
  }
  const std::lock_guard lock{mutex_};
  state_ -= one;
  left_.tell_all();
}

void Passage::close() {
  std::unique_lock lock{mutex_};
  state_ |= closed;
  left_.wait(lock, [this] { return state_ == closed; });
}

}  // namespace cairn::engine
