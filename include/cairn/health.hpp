#pragma once

#include <cairn/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

enum class HealthState : std::uint8_t {
  ok,        ///< everything works
  degraded,  ///< everything is accepted and goes on, but somebody should look after something
  failed,    ///< calls are refused, or instances do not go on
};

/// Something that is wrong.
struct Complaint {
  HealthState state = HealthState::degraded;
  /// For programs, and stable:
  ///
  /// | code | state | what it is |
  /// |---|---|---|
  /// | `engine_failed` | failed | a fault inside the engine; it runs nothing until the program starts anew |
  /// | `store_taken_over` | failed | another owner has the store; this engine runs nothing any more |
  /// | `store_failing` | failed | the store could not be written or read the last time; it is tried again |
  /// | `file_changed` | failed | somebody else has removed, moved or written over the file or its log |
  /// | `standstill` | failed | instances are due for more than a minute, and nothing runs |
  /// | `late` | degraded | the same, while others run: the engine does not keep up |
  /// | `parked` | degraded | instances stand still because of an error, until they are resumed |
  /// | `parked_unread` | degraded | which instances are parked cannot be read; it is tried again |
  /// | `adopted_in_doubt` | degraded | an inserted step was in all likelihood given another's record |
  /// | `version_not_defined` | degraded | instances are due whose version this engine does not define |
  /// | `clock_unconfirmed` | degraded | the wall clock was set, or wrong at the start; nothing is swept |
  /// | `clock_failing` | degraded | the host's clock throws; its last reading counts: no time passes |
  /// | `log_is_held` | degraded | a reader keeps the file's log from beginning anew; it grows |
  /// | `file_has_other_names` | degraded | hard links: its log lies beside the name that was opened |
  /// | `house_keeping_failing` | degraded | checkpoints fail; they are tried again |
  std::string code = {};
  std::string message = {};                  ///< for people
  std::optional<Time> since = std::nullopt;  ///< of several, that of the oldest trouble
};

/// How an engine fares. What keeps instances from going on stands here and in the log.
struct Health {
  HealthState state = HealthState::ok;  ///< the worst of the complaints
  std::vector<Complaint> complaints = {};
};

/// `ok`, `degraded`, `failed`.
[[nodiscard]] std::string_view to_string(HealthState state) noexcept;

}  // namespace cairn
