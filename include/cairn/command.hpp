#pragma once

#include <cstdint>

namespace cairn {

/// What an instance may be asked to do, see `Instance`.
enum class Command : std::uint8_t { pause, resume, terminate, restart };

}  // namespace cairn
