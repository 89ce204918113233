#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// A span of time. Milliseconds are the finest unit that cairn stores.
using Duration = std::chrono::milliseconds;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, UTC.
using Time = std::chrono::sys_time<Duration>;

/// The largest span that any setting accepts: 3,650 days. It keeps every sum with a wall clock far from
/// overflow.
inline constexpr Duration duration_max = std::chrono::hours{24 * 3650};

/// `time + span`, held at the ends of the range instead of wrapping around. Never throws.
[[nodiscard]] constexpr Time saturating_add(Time time, Duration span) noexcept {
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  const std::int64_t left = time.time_since_epoch().count();
  const std::int64_t right = span.count();
  if (right > 0 && left > most - right) return Time{Duration{most}};
  if (right < 0 && left < least - right) return Time{Duration{least}};
  return Time{Duration{left + right}};
}

/// `span * factor` for `factor >= 0`, held at the largest value instead of wrapping around. Never throws.
[[nodiscard]] constexpr Duration saturating_multiply(Duration span, std::int64_t factor) noexcept {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  if (span.count() <= 0 || factor <= 0) return Duration{0};
  if (span.count() > most / factor) return Duration{most};
  return Duration{span.count() * factor};
}

/// ISO 8601 with milliseconds and `Z`, such as `2026-11-23T08:15:30.250Z`: the form of every timestamp on the
/// wire. Years outside 0000–9999 are held at the ends.
[[nodiscard]] std::string to_iso8601(Time time);

/// Reads `2026-11-23T08:15:30Z`, with up to nine digits of a second's fraction (those below a millisecond are
/// cut off), in UTC or with a distance from it, such as `+02:00`. Nothing when the text is anything else,
/// names a day that does not exist, or a moment that is outside the years 0000–9999 in UTC.
[[nodiscard]] std::optional<Time> parse_iso8601(std::string_view text) noexcept;

}  // namespace cairn
