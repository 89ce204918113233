#pragma once

#include <cairn/time.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace cairn::api {

/// How long a client is waited for that sends a body or reads an answer: for `span` at first, one second more
/// for each 64 KiB that it moves, and never longer than `span` while it moves nothing. So whoever keeps up
/// gets to the end of anything, and whoever stands still holds its memory for `span`, however large it is.
class Patience {
 public:
  using Clock = std::chrono::steady_clock;

  void begin(Duration span, Clock::time_point now) {
    span_ = span;
    moved_ = 0;
    deadline_ = now + span;
  }

  /// It has moved so many bytes so far, all together.
  void moved(std::size_t bytes, Clock::time_point now) {
    const std::chrono::nanoseconds earned{(bytes - moved_) * nanoseconds_per_byte};
    moved_ = bytes;
    deadline_ = std::min(deadline_ + earned, now + span_);
  }

  [[nodiscard]] Clock::time_point deadline() const noexcept { return deadline_; }

 private:
  static constexpr std::size_t nanoseconds_per_byte = 1'000'000'000 / (std::size_t{64} << 10);

  Clock::duration span_ = {};
  std::size_t moved_ = 0;
  Clock::time_point deadline_ = {};
};

}  // namespace cairn::api
