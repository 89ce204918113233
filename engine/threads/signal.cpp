#include <cairn/detail/signal.hpp>

namespace cairn::detail {

namespace {

// Who was told just now was woken by both.
constexpr std::chrono::milliseconds coincidence{100};

}  // namespace

void Signal::tell_one() noexcept {
  note_telling();
  told_.notify_one();
}

void Signal::tell_all() noexcept {
  note_telling();
  told_.notify_all();
}

bool Signal::sleep(std::unique_lock<std::mutex>& lock, std::chrono::nanoseconds time) {
  return told_.wait_for(lock, time) == std::cv_status::no_timeout;
}

void Signal::note_telling() noexcept {
  telling_.store(std::chrono::steady_clock::now(), std::memory_order_relaxed);
}

void Signal::note_missed() noexcept {
  const auto since = std::chrono::steady_clock::now() - telling_.load(std::memory_order_relaxed);
  if (since > coincidence) ++missed_;
}

}  // namespace cairn::detail
