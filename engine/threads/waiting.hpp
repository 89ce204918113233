#pragma once

#include "engine/threads/signal.hpp"

#include <cairn/detail/body.hpp>
#include <cairn/detail/core.hpp>
#include <cairn/time.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

namespace cairn::engine {

/// Where one thread waits for the end of an instance. Thread-safe; shared with whoever tells it.
class Waiting {
 public:
  /// `missed` outlives the wait.
  explicit Waiting(MissedWakeups& missed) noexcept : changed_(missed) {}

  /// Why the thread goes on.
  enum class End : std::uint8_t {
    told,
    late,   ///< the time is up
    asked,  ///< its body is to stop
  };

  /// The first to tell counts.
  void tell(std::exception_ptr error, detail::Ended ended) noexcept;
  /// What comes first. A time that is past, or none, is up at once.
  [[nodiscard]] End wait(std::optional<Duration> limit, const std::stop_token& asked);
  /// What was told, or throws it. Once.
  [[nodiscard]] detail::Ended take();

 private:
  std::mutex mutex_;
  Signal changed_;
  bool told_ = false;
  bool asked_ = false;  // by the callback of its body's stop
  std::exception_ptr error_;
  detail::Ended ended_;
};

/// What a body lends while its thread waits for another instance: its worker, its place among the bodies in
/// flight, and its instance's slot. Without a body it does nothing.
class Lent {
 public:
  /// Throws `std::system_error` when there is no thread for the worker's place, and has lent nothing then.
  Lent(detail::BodyRun* body, MissedWakeups& missed);
  ~Lent() { take_back(true); }
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;

  /// Returns when the body has everything back: first the slot, then the worker. `at_once`, or when the body
  /// is asked to stop meanwhile, others need not give way first.
  void take_back(bool at_once) noexcept;

 private:
  detail::BodyRun* body_;
  const detail::WaitNumber wait_;
  MissedWakeups& missed_;
};

}  // namespace cairn::engine
