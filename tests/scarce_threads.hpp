#pragma once

#include <atomic>

namespace cairn::testing {

/// How many threads this program can still make: `INT_MAX` at first. What is beyond is refused as by a system
/// that has no more. Only for programs of their own: it stands before the C library's `pthread_create`.
extern std::atomic<int> threads_left;

}  // namespace cairn::testing
