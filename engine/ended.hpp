#pragma once

#include <cairn/detail/core.hpp>
#include <cairn/store.hpp>

namespace cairn::engine {

/// How a terminated instance ended: its record has no error.
[[nodiscard]] detail::Ended terminated_end();

/// How a finished instance ended.
[[nodiscard]] detail::Ended end_of(const History& history);

}  // namespace cairn::engine
