#include "engine/instance/retry.hpp"

#include <algorithm>

namespace cairn::engine {

namespace {

std::int64_t factor(Backoff backoff, std::int32_t failure) noexcept {
  switch (backoff) {
    case Backoff::constant:
      return 1;
    case Backoff::linear:
      return failure;
    case Backoff::exponential:
      // 2^40 ms is above `duration_max` already.
      return std::int64_t{1} << std::min(failure - 1, 40);
  }
  return 1;
}

}  // namespace

Duration retry_delay(const RetryOptions& retries, std::int32_t failure) noexcept {
  return std::min(saturating_multiply(retries.delay, factor(retries.backoff, std::max(failure, 1))),
                  duration_max);
}

}  // namespace cairn::engine
