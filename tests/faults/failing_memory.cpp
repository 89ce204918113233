#include "tests/faults/failing_memory.hpp"

#include "tests/memory_operators.hpp"

#include <sqlite3.h>

#include <atomic>
#include <limits>
#include <stdexcept>

namespace cairn::testing {
namespace {

std::atomic<bool> armed = false;
std::atomic<bool> has_fired = false;
std::atomic<std::size_t> first = 0;  // request that fails
std::atomic<std::size_t> past = 0;   // the first one behind it that does not
std::atomic<std::size_t> requests = 0;
thread_local int spared_depth = 0;

bool fails() noexcept {
  if (spared_depth > 0 || !armed) return false;
  const std::size_t number = requests++;
  if (number < first || number >= past) return false;
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

void FailingMemory::plan(std::size_t k, std::size_t count) {
  first = k;
  past = count > std::numeric_limits<std::size_t>::max() - k ? std::numeric_limits<std::size_t>::max()
                                                             : k + count;
  requests = 0;
  has_fired = false;
}

void FailingMemory::arm(bool on) {
  armed = on;
}

bool FailingMemory::fired() {
  return has_fired;
}

FailingMemory::Spared::Spared() {
  ++spared_depth;
}

FailingMemory::Spared::~Spared() {
  --spared_depth;
}

bool grants_memory() noexcept {
  return !fails();
}

}  // namespace cairn::testing
