#pragma once

#include <cstddef>
#include <cstdint>

namespace cairn {

/// What an engine does at present, in numbers, for whoever watches over it. They are read one by one, while
/// the engine goes on.
struct Metrics {
  std::size_t bodies_running = 0;    ///< bodies that have begun and not returned; also those that wait in a
                                     ///< `wait()` for another instance
  std::size_t bodies_waiting = 0;    ///< bodies that could begin and wait until there is a worker for them
  std::uint64_t missed_wakeups = 0;  ///< how often a thread of the engine found by itself what another should
                                     ///< have told it, since the engine was made: 0, or there is a fault
};

}  // namespace cairn
