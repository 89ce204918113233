#pragma once

#include "tests/stress/turn.hpp"

#include <cstdint>
#include <optional>

namespace cairn::testing {

/// Does something by chance to an instance of all threads: what others do to it meanwhile is not known, and
/// so only a few answers are wrong.
void act_on_shared(Turn& turn);

/// All threads call this at the same time, with the same number: they wait for one instance, which one of
/// them makes, a second one sends its event, and a third one perhaps pauses and resumes. False: the engine
/// ended first; then it is called again with the next one, in which others may wait already.
[[nodiscard]] bool wait_for_one(Turn& turn, std::uint64_t number, std::size_t thread, std::size_t threads);

/// Reads by chance, without a pause, until the engine is gone.
void read_until_the_end(Turn& turn);

/// Nobody else calls: brings a shared instance to its end.
void bring_to_its_end(Turn& turn, SharedInstance& shared);

}  // namespace cairn::testing
