#pragma once

#include "tests/stress/turn.hpp"

#include <cstddef>
#include <cstdint>

namespace cairn::testing {

/// Does something by chance to the engine itself, or to a workflow that this call defines.
void act_on_engine(Turn& turn, std::size_t thread);

/// The health of an engine to which nothing has happened, and its metrics: none of its threads has found by
/// itself what it should have been told.
void expect_sound(Witness& witness, const Engine& engine);

/// How many parked instances all threads together have resumed.
[[nodiscard]] std::uint64_t parked_and_resumed() noexcept;

}  // namespace cairn::testing
