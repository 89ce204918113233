#include "tests/memory_operators.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace cairn::testing {
namespace {

void* allocate(std::size_t size, std::size_t alignment) {
  void* memory = nullptr;
  if (grants_memory()) {
    const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
    memory = alignment <= alignof(std::max_align_t) ? std::malloc(size == 0 ? 1 : size)
                                                    : std::aligned_alloc(alignment, rounded);
  }
  if (memory == nullptr) throw std::bad_alloc{};
  return memory;
}

}  // namespace
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
