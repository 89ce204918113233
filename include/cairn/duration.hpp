#pragma once

#include <cairn/time.hpp>

#include <string>
#include <string_view>

namespace cairn {

/// Reads a duration such as `5 minutes`, `1 hour`, `1.5 seconds` or `250 ms`.
///
/// Grammar: an unsigned decimal number (with an optional fraction), one or more spaces, one unit; nothing
/// before and nothing after. Units, case-sensitive: `ms`, `second`, `minute`, `hour`, `day`, `week`, `month`
/// (30 days), `year` (365.25 days), each of the words with an optional `s`. Fractions of a millisecond are
/// rounded to the nearest one. This is the documented grammar of Cloudflare's `WorkflowDuration`; what its
/// parser silently reads as milliseconds (unknown units, bare numbers in strings) is an error here.
///
/// Throws `Error` (`Errc::invalid_argument`) with the rule that was broken when the text does not fit, and
/// when the result is above `duration_max`. `field` names the value in the message.
[[nodiscard]] Duration parse_duration(std::string_view text, std::string_view field = "duration");

/// The shortest text that `parse_duration` reads back as the same duration, such as `5 minutes`.
[[nodiscard]] std::string to_string(Duration duration);

}  // namespace cairn
