#pragma once

#include <atomic>
#include <cstddef>
#include <limits>

namespace cairn::testing {

/// While it is scarce, threads that starve get no memory.
extern std::atomic<bool> memory_is_scarce;
extern thread_local bool starves;

/// The calling thread's requests for memory: number `k` from now on (from 0) fails, and so do those that
/// follow, `count` in all. Until it goes out of scope.
class FailingRequests {
 public:
  static constexpr std::size_t for_good = std::numeric_limits<std::size_t>::max();

  FailingRequests(std::size_t k, std::size_t count) noexcept;
  ~FailingRequests();
  FailingRequests(const FailingRequests&) = delete;
  FailingRequests& operator=(const FailingRequests&) = delete;

  [[nodiscard]] static bool has_failed() noexcept;
};

}  // namespace cairn::testing
