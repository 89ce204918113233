#pragma once

#include "engine/conductor/clock_leaps.hpp"
#include "engine/conductor/messages.hpp"

#include <cairn/clock.hpp>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace cairn::engine {

/// A clock of the host, made fit for threads that must not end: where it throws, its last reading counts, and
/// so the time stands still. Readings at the ends of their types, with which nobody could reckon, are drawn
/// in.
class GuardedClock final : public Clock {
 public:
  /// Reads it, and throws what it throws.
  explicit GuardedClock(std::shared_ptr<Clock> clock);

  [[nodiscard]] Time now() const override;
  [[nodiscard]] Duration uptime() const override;
  /// Both at one moment. Stale: one of them has thrown, or the process stood still between them, again and
  /// again.
  [[nodiscard]] ClockReading read() const;
  /// As it was when this object was made.
  [[nodiscard]] Time earliest() const override { return earliest_; }
  void wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                  Time until) override;

  /// What it has thrown, if one of its functions did so the last time; since when, by its own last reading.
  [[nodiscard]] std::optional<Outage> failure() const;

 private:
  using Function = unsigned;  // a bit

  template <class Call>
  bool attempt(Function function, Call call) const noexcept;
  void note_failure(Function function, const std::string& text) const noexcept;
  void note_success(Function function) const noexcept;

  const std::shared_ptr<Clock> clock_;
  const Time earliest_;
  mutable std::atomic<Time::rep> last_now_;
  mutable std::atomic<Duration::rep> last_uptime_;
  mutable std::atomic<Function> failing_ = 0;
  mutable std::mutex mutex_;
  mutable std::optional<Outage> failure_;
};

}  // namespace cairn::engine
