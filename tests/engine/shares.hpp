#pragma once

#include "tests/engine/harness.hpp"

#include <cstddef>
#include <string>

// Instances that have much to do at once, for tests of what each may do in a turn.
namespace cairn::testing::shares {

Task<void> without_end(Context& ctx);
Task<int> sleeps(Context& ctx, int count);
Task<int> quick(Context& ctx);

[[nodiscard]] Key key_of(const Harness& h, const std::string& id);
[[nodiscard]] std::size_t largest_group(const Harness& h);

/// So that a few operations are many.
[[nodiscard]] engine::ConductorOptions small_shares();

}  // namespace cairn::testing::shares
