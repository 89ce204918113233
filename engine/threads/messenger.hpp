#pragma once

#include "engine/threads/signal.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace cairn::engine {

/// A thread that calls code of the host for one that must not be kept by it. It does one thing after the
/// other, those of the first rank before those of the last, and otherwise in their order. Thread-safe.
class Messenger {
 public:
  /// Must not throw.
  using Errand = std::function<void()>;
  enum class Rank : std::uint8_t {
    first,  ///< others wait for it: an errand that waits for them helps with it
    last,
  };

  /// `missed` outlives it.
  explicit Messenger(MissedWakeups& missed) noexcept : changed_(missed) {}
  ~Messenger() { join(); }
  Messenger(const Messenger&) = delete;
  Messenger& operator=(const Messenger&) = delete;

  /// Throws `std::system_error` when there is no thread to be had; may be called again.
  void start();
  /// Before the end. Throws `std::bad_alloc`.
  void give(Errand errand, Rank rank = Rank::last);
  /// How many wait.
  [[nodiscard]] std::size_t waiting() const;
  /// Whether something of the first rank waits.
  [[nodiscard]] bool has_urgent() const;
  /// Whether the calling thread is the one.
  [[nodiscard]] bool is_here() const noexcept { return thread_.get_id() == std::this_thread::get_id(); }
  /// Does the next thing of the first rank on this thread, if something waits.
  void help();
  /// Returns when all that was given is done. Nothing may be given any more.
  void join();

 private:
  using Errands = std::deque<Errand>;

  void work();
  static void run_first_of(Errands& errands, std::unique_lock<std::mutex>& lock);

  mutable std::mutex mutex_;
  Signal changed_;
  Errands first_;
  Errands last_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace cairn::engine
