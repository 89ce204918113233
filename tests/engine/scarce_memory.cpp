#include "tests/engine/scarce_memory.hpp"

#include "tests/memory_operators.hpp"

namespace cairn::testing {

std::atomic<bool> memory_is_scarce = false;
thread_local bool starves = false;

namespace {

thread_local std::size_t granted_before = FailingRequests::for_good;
thread_local std::size_t to_fail = 0;
thread_local bool refused_one = false;

}  // namespace

FailingRequests::FailingRequests(std::size_t k, std::size_t count) noexcept {
  granted_before = k;
  to_fail = count;
  refused_one = false;
}

FailingRequests::~FailingRequests() {
  to_fail = 0;
}

bool FailingRequests::has_failed() noexcept {
  return refused_one;
}

bool grants_memory() noexcept {
  if (starves && memory_is_scarce) return false;
  if (to_fail == 0) return true;
  if (granted_before > 0) {
    --granted_before;
    return true;
  }
  --to_fail;
  refused_one = true;
  return false;
}

}  // namespace cairn::testing
