#pragma once

#include <cairn/error.hpp>
#include <cairn/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// What a step does. The numbers are stored in files: never renumber them. 3 and 4 are kept for rollbacks and
/// children.
enum class StepKind : std::uint8_t {
  step = 0,            ///< runs a body (Cloudflare's `do`)
  sleep = 1,           ///< waits until a time
  wait_for_event = 2,  ///< waits for an event of one type
};

/// The word on the wire: `step`, `sleep` or `waitForEvent`.
[[nodiscard]] std::string_view to_string(StepKind kind) noexcept;

/// How the delay between attempts grows: after attempt n it is d, d·n, or d·2^(n−1).
enum class Backoff : std::uint8_t { constant, linear, exponential };

[[nodiscard]] std::string_view to_string(Backoff backoff) noexcept;

/// How often a failed body is tried again. `limit` counts the retries: attempts = limit + 1.
struct RetryOptions {
  std::uint32_t limit = 5;                    ///< at most 10,000
  Duration delay = std::chrono::seconds{10};  ///< base delay, 0 or more
  Backoff backoff = Backoff::exponential;
  bool operator==(const RetryOptions&) const = default;
};

/// How a step runs. The defaults are Cloudflare's production values. What is recorded at the first start wins
/// on replay. Trivially destructible, so that it may be written inside a `co_await` expression (GCC 12).
struct StepOptions {
  RetryOptions retries = {};
  Duration timeout = std::chrono::minutes{10};  ///< of one attempt; more than 0
  std::uint32_t crash_limit = 10;               ///< attempts that a crash may cut off before the step fails
  bool operator==(const StepOptions&) const = default;
};

/// One execution of a step's body, as recorded.
struct Attempt {
  Time started = {};
  std::optional<Time> ended = std::nullopt;         ///< nothing: it runs, or a crash has cut it off
  std::optional<ErrorRecord> error = std::nullopt;  ///< why it failed
  bool interrupted = false;  ///< cut off by a crash; does not count against the retries
  bool operator==(const Attempt&) const = default;
};

}  // namespace cairn
