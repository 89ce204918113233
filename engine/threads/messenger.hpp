#pragma once

#include "engine/threads/signal.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace cairn::engine {

/// A thread that calls code of the host for one that must not be kept by it. It does one thing after the
/// other, in their order. Thread-safe.
class Messenger {
 public:
  /// Must not throw.
  using Errand = std::function<void()>;

  /// `missed` outlives it.
  explicit Messenger(MissedWakeups& missed) noexcept : changed_(missed) {}
  ~Messenger() { join(); }
  Messenger(const Messenger&) = delete;
  Messenger& operator=(const Messenger&) = delete;

  /// Throws `std::system_error` when there is no thread to be had; may be called again.
  void start();
  /// Before the end. Throws `std::bad_alloc`.
  void give(Errand errand);
  /// How many wait.
  [[nodiscard]] std::size_t waiting() const;
  /// Whether the calling thread is the one: then it is inside an errand. Behind `start`.
  [[nodiscard]] bool is_here() const noexcept { return thread_.get_id() == std::this_thread::get_id(); }
  /// Does the next thing on this thread, if one waits.
  void help();
  /// Returns when all that was given is done. Nothing may be given any more.
  void join();

 private:
  void work();
  void run_first(std::unique_lock<std::mutex>& lock);

  mutable std::mutex mutex_;
  Signal changed_;
  std::deque<Errand> errands_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace cairn::engine
