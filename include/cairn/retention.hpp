#pragma once

#include <cairn/status.hpp>
#include <cairn/time.hpp>

#include <optional>
#include <string_view>

namespace cairn {

/// How long a finished instance is kept, by outcome. Counted from the end of the instance, fixed as its
/// expiry time at that moment: never deleted earlier, and deleted by the first sweep after it. Each must be
/// at least 1 ms and at most `duration_max`. An empty field leaves the decision to the workflow's default,
/// then to the engine's, then the instance is kept for ever.
struct Retention {
  std::optional<Duration> success = std::nullopt;  ///< for `complete`
  std::optional<Duration> error = std::nullopt;    ///< for `errored` and `terminated`
  bool operator==(const Retention&) const = default;
};

/// The retention that counts for an outcome, field by field: `first`, or else `second`.
[[nodiscard]] constexpr Retention or_else(const Retention& first, const Retention& second) noexcept {
  return {.success = first.success ? first.success : second.success,
          .error = first.error ? first.error : second.error};
}

/// When an instance expires that ended with `status` at `ended`; nothing: never.
[[nodiscard]] constexpr std::optional<Time> expiry(const Retention& retention, Status status,
                                                   Time ended) noexcept {
  const std::optional<Duration>& kept = status == Status::complete ? retention.success : retention.error;
  if (!is_finished(status) || !kept) return std::nullopt;
  return saturating_add(ended, *kept);
}

/// Throws `Error` (`Errc::invalid_argument`) unless each span that is set is at least 1 ms and at most
/// `duration_max`. The message names `field.success_retention` or `field.error_retention`.
void check_retention(const Retention& retention, std::string_view field = "retention");

}  // namespace cairn
