#pragma once

#include <cairn/detail/core.hpp>
#include <cairn/error.hpp>
#include <cairn/store.hpp>

#include <exception>

namespace cairn::engine {

/// How a terminated instance ended: its record has no error.
[[nodiscard]] detail::Ended terminated_end();

/// How a finished instance ended.
[[nodiscard]] detail::Ended end_of(const History& history);

/// Whether it is an `Error` of that code; null is none.
[[nodiscard]] bool says(const std::exception_ptr& error, Errc code);

}  // namespace cairn::engine
