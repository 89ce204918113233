#pragma once

#include <cairn/id.hpp>

#include <memory>

namespace cairn::engine {

/// A generator per thread, seeded by the operating system: fast enough for half a million ids a second. Ids
/// are unique, not secret.
[[nodiscard]] std::shared_ptr<RandomSource> system_random();

}  // namespace cairn::engine
