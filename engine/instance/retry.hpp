#pragma once

#include <cairn/step.hpp>

#include <cstdint>

namespace cairn::engine {

/// The delay after the n-th failure (from 1): d, d·n or d·2^(n−1), never above `duration_max`.
[[nodiscard]] Duration retry_delay(const RetryOptions& retries, std::int32_t failure) noexcept;

}  // namespace cairn::engine
