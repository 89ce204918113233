#pragma once

#include <cstddef>

namespace cairn {

/// The deepest nesting of any JSON value: of what is recorded (results of steps, outputs, and what came from
/// outside with what is written around it) and of what is read of a record, by code, by a `wait` or over
/// HTTP, whatever the limits are now. nlohmann copies a tree by recursion; to here a stack of 256 KiB bears
/// it.
///
/// What comes from outside has a lower limit, `Limits::json_depth`, so that what workflows put around it
/// never meets this one. Each thing has one of the two: params and payloads that, all else this.
inline constexpr std::size_t json_depth_limit = 128;

/// Bounds on what one call may bring. Sizes are bytes of JSON text in UTF-8. Above a bound the call is
/// refused with `Errc::too_large` (or `Errc::invalid_argument` for counts and depth) and changes nothing. The
/// texts of errors have a bound of their own, `error_text_max`, and are cut.
/// What a run asks for is counted from its beginning; what it has recorded is never refused, whatever the
/// limits are now.
struct Limits {
  std::size_t params_bytes = std::size_t{1} << 20;  ///< params of one instance; 1 MiB as at Cloudflare.
                                                    ///< This and the next two: at most 512 MiB
  std::size_t result_bytes = std::size_t{1} << 20;  ///< result of one step, and the output of an instance
  std::size_t event_bytes = std::size_t{1} << 20;   ///< payload of one event
  std::size_t batch_entries = 100'000;  ///< instances in one batch; a batch holds the writer while it is
                                        ///< written
  std::size_t batch_bytes = std::size_t{256} << 20;  ///< params of one batch together
  std::size_t steps = 10'000;          ///< steps of one run, sleeps not counted; at most 1,000,000
  std::size_t operations = 1'000'000;  ///< all that one run asks for, sleeps as well; 1 to 8,000,000. At the
                                       ///< limit the run fails, and no code can catch that
  std::size_t buffered_events = 10'000;  ///< events that wait for one instance
  std::size_t json_depth = 64;  ///< nesting of what comes from outside, params and payloads: 1 to 64. What
                                ///< workflows make of it may be nested to `json_depth_limit`
};

}  // namespace cairn
