#include "tests/faults/io_fault.hpp"

namespace cairn::testing {

std::optional<int> result_of(IoFault fault, CountingVfs::Operation operation) {
  using Call = CountingVfs::Operation;
  const bool full = fault == IoFault::full_once || fault == IoFault::full_for_long;
  if (full) return operation == Call::write ? std::optional{SQLITE_FULL} : std::nullopt;
  switch (operation) {
    case Call::read:
      return SQLITE_IOERR_READ;
    case Call::write:
      return SQLITE_IOERR_WRITE;
    case Call::sync:
      return SQLITE_IOERR_FSYNC;
    case Call::truncate:
      return SQLITE_IOERR_TRUNCATE;
    case Call::open:
      return SQLITE_CANTOPEN;
    case Call::remove:
      return SQLITE_IOERR_DELETE;
    case Call::size:
      return SQLITE_IOERR_FSTAT;
    case Call::lock:
      return SQLITE_IOERR_LOCK;
    case Call::map_index:
      return SQLITE_IOERR_SHMMAP;
    case Call::lock_index:
      return SQLITE_IOERR_SHMLOCK;
    case Call::barrier:
      break;
  }
  return std::nullopt;
}

}  // namespace cairn::testing
