#include "tests/storage/allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace cairn::testing {
namespace {

std::atomic<std::size_t> allocated = 0;

void* allocate(std::size_t size, std::size_t alignment) {
  ++allocated;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* const memory = alignment <= alignof(std::max_align_t) ? std::malloc(size == 0 ? 1 : size)
                                                              : std::aligned_alloc(alignment, rounded);
  if (memory == nullptr) throw std::bad_alloc{};
  return memory;
}

}  // namespace

std::size_t allocations() noexcept {
  return allocated;
}

}  // namespace cairn::testing

// The other forms call these.

void* operator new(std::size_t size) {
  return cairn::testing::allocate(size, 1);
}

void* operator new(std::size_t size, std::align_val_t alignment) {
  return cairn::testing::allocate(size, static_cast<std::size_t>(alignment));
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
