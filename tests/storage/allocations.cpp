#include "tests/storage/allocations.hpp"

#include "tests/memory_operators.hpp"

#include <atomic>

namespace cairn::testing {
namespace {

std::atomic<std::size_t> requests = 0;

}  // namespace

bool grants_memory() noexcept {
  ++requests;
  return true;
}

std::size_t allocations() noexcept {
  return requests;
}

}  // namespace cairn::testing
