#pragma once

#include <cairn/time.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>

namespace cairn {

/// Where an engine reads the time. Injected, so that tests move it by hand. Called from several threads at
/// once. Must not throw. Where one does, its last reading counts, and the engine's health says
/// `clock_failing`.
class Clock {
 public:
  virtual ~Clock() = default;

  /// The wall clock: what is stored, and what timers compare with. It may leap.
  [[nodiscard]] virtual Time now() const = 0;

  /// What this clock cannot rightly show any more: a reading before it is in doubt (`Engine::confirm_clock`).
  /// By default nothing is; the clock of the operating system tells when this library was built, less a day.
  [[nodiscard]] virtual Time earliest() const { return Time::min(); }

  /// Time since some fixed moment, on a clock that never leaps. Only differences count: a wall clock that
  /// moves otherwise has leapt.
  [[nodiscard]] virtual Duration uptime() const = 0;

  /// Waits until `condition` is notified or the wall clock reaches `until`, whichever is first; may also
  /// return early.
  virtual void wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                          Time until) = 0;
};

/// The clocks of the operating system.
[[nodiscard]] std::shared_ptr<Clock> system_clock();

}  // namespace cairn
