#pragma once

#include <cstddef>

namespace cairn::testing {

/// How often C++ code of this program has asked for memory, on any thread. SQLite's own memory does not
/// count. A program that links memory_operators.cpp and allocations.cpp has its `operator new` counted.
[[nodiscard]] std::size_t allocations() noexcept;

}  // namespace cairn::testing
