#pragma once

#include "engine/threads/signal.hpp"

#include <atomic>
#include <cstddef>
#include <mutex>

namespace cairn::engine {

/// Lets threads in until it is closed; whoever closes it waits for those that are inside. They hold no lock:
/// who is inside may enter again, and call code of the host, also while another closes. Thread-safe.
class Passage {
 public:
  /// A thread that is inside, if it was let in.
  class Inside {
   public:
    explicit Inside(Passage& passage) noexcept : passage_(passage.enter() ? &passage : nullptr) {}
    ~Inside() {
      if (passage_ != nullptr) passage_->leave();
    }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    [[nodiscard]] explicit operator bool() const noexcept { return passage_ != nullptr; }

   private:
    Passage* const passage_;
  };

  /// Lets nobody in any more, and returns when nobody is inside. Not for a thread that is.
  void close();

  [[nodiscard]] std::uint64_t missed_wakeups() const noexcept { return missed_wakeups_; }

 private:
  [[nodiscard]] bool enter() noexcept;
  void leave() noexcept;

  std::atomic<std::size_t> state_ = 0;  // twice as many as are inside, and one more when it is closed
  std::mutex mutex_;
  MissedWakeups missed_wakeups_ = 0;
  Signal left_{missed_wakeups_};
};

}  // namespace cairn::engine
