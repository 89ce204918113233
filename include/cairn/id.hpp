#pragma once

#include <cairn/time.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace cairn {

/// Rules for the names that callers choose, as Cloudflare's Workflows API has them. Each throws `Error`
/// (`Errc::invalid_argument`) that names `field`, the rule, and the length or position that broke it.
/// Compared byte by byte; no folding of any kind.

/// 1–100 characters of `A-Z a-z 0-9 _ -`, the first not `-`; not one of the reserved words `batch`,
/// `terminate`, `terminateAll`, and not `cf_` followed by 64 lower-case hexadecimal digits.
void check_instance_id(std::string_view id, std::string_view field = "instance_id");
/// 1–64 characters of `A-Z a-z 0-9 _ -`, the first not `-`.
void check_workflow_name(std::string_view name, std::string_view field = "workflow_name");
/// 1–100 characters of `A-Z a-z 0-9 _ -`, the first not `-`.
void check_event_type(std::string_view type, std::string_view field = "event_type");
/// 1–100 bytes of printable ASCII: the tag that the host gives to a version of its code.
void check_version_tag(std::string_view tag, std::string_view field = "version");
/// At most 256 bytes of valid UTF-8 without control characters; may be empty.
void check_step_name(std::string_view name, std::string_view field = "step name");

/// Whether the bytes are valid UTF-8 (no overlong forms, no surrogates).
[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;

/// Sixteen random or time-ordered bytes, written as 36 characters.
using Uuid = std::array<std::uint8_t, 16>;

/// Sixteen random bytes a call. Injected, so that tests and simulations can repeat themselves.
/// Implementations are called from several threads at once. What one throws comes out of the call that needs
/// an id, and changes nothing. The bytes of an engine must not come again within one millisecond of its
/// clock: what it makes of them counts as an id that nobody has.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual Uuid bytes() = 0;
};

/// A UUIDv7 (RFC 9562 §5.7) of that time: sorts by time, so that generated ids append to an index instead of
/// scattering over it. Within one millisecond the order is random unless `sequence` (12 bits, `rand_a`)
/// rises.
[[nodiscard]] std::string make_uuid_v7(Time now, std::uint16_t sequence, const Uuid& random);

/// A UUIDv4 (RFC 9562 §5.4).
[[nodiscard]] std::string make_uuid_v4(const Uuid& random);

}  // namespace cairn
