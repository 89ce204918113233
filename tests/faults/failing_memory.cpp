#include "tests/faults/failing_memory.hpp"

#include <sqlite3.h>

#include <cstdlib>
#include <new>
#include <stdexcept>

namespace cairn::testing {
namespace {

// One thread: harnesses open stores without background checkpoints.
bool armed = false;
bool lasts = false;
bool has_fired = false;
std::size_t failing = 0;
std::size_t requests = 0;

bool fails() noexcept {
  if (!armed) return false;
  const std::size_t number = requests++;
  if (lasts ? number < failing : number != failing) return false;
  has_fired = true;
  return true;
}

void* allocate(std::size_t size, std::size_t alignment) {
  void* memory = nullptr;
  if (!fails()) {
    const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
    memory = alignment <= alignof(std::max_align_t) ? std::malloc(size == 0 ? 1 : size)
                                                    : std::aligned_alloc(alignment, rounded);
  }
  if (memory == nullptr) throw std::bad_alloc{};
  return memory;
}

sqlite3_mem_methods original;

void* allocate_for_sqlite(int size) {
  return fails() ? nullptr : original.xMalloc(size);
}
void* reallocate_for_sqlite(void* memory, int size) {
  return fails() ? nullptr : original.xRealloc(memory, size);
}

}  // namespace

void FailingMemory::take_over() {
  sqlite3_config(SQLITE_CONFIG_GETMALLOC, &original);
  sqlite3_mem_methods methods = original;
  methods.xMalloc = allocate_for_sqlite;
  methods.xRealloc = reallocate_for_sqlite;
  if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK)
    throw std::logic_error("SQLite was used before its memory was taken over");
}

void FailingMemory::plan(std::size_t k, bool for_long) {
  failing = k;
  lasts = for_long;
  requests = 0;
  has_fired = false;
}

void FailingMemory::arm(bool on) {
  armed = on;
}

bool FailingMemory::fired() {
  return has_fired;
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
