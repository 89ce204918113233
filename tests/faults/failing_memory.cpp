#include "tests/faults/failing_memory.hpp"

#include "tests/memory_operators.hpp"

#include <sqlite3.h>

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

bool grants_memory() noexcept {
  return !fails();
}

}  // namespace cairn::testing
