#pragma once

namespace cairn::testing {

/// Asked at each request of C++ code for memory, on any thread: whether it may be granted. Defined by the
/// program that links memory_operators.cpp, which must not be built beside other code: the compiler would see
/// through its operators. Sanitizers bring operators of their own; it cannot be linked then.
[[nodiscard]] bool grants_memory() noexcept;

}  // namespace cairn::testing
