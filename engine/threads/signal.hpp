#pragma once

#include <cairn/detail/signal.hpp>

namespace cairn::engine {

using detail::MissedWakeups;
using detail::Signal;

}  // namespace cairn::engine
