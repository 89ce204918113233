#pragma once

#include "tests/stress/turn.hpp"

namespace cairn::testing {

/// Nobody else calls any more, and callers have brought their instances to their end. Does so with all
/// others, holds everything that is recorded against what it has to be, and sweeps what has expired.
void bring_everything_to_its_end(Turn& turn);

}  // namespace cairn::testing
