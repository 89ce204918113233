#pragma once

#include <cstdint>

namespace cairn {

/// What an engine does, in numbers, for whoever watches over it. They are read one by one, while the engine
/// goes on.
struct Metrics {
  std::uint64_t missed_wakeups = 0;  ///< how often a thread of the engine found by itself what another should
                                     ///< have told it, since the engine was made: 0, or there is a fault
};

}  // namespace cairn
