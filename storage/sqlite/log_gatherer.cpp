#include "storage/sqlite/log_gatherer.hpp"

#include <SQLiteCpp/Exception.h>

#include <atomic>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

// What SQLite calls: https://www.sqlite.org/vfs.html. Nothing may be thrown here.
namespace cairn::sqlite {
namespace {

// ------------------------------------------------------------------------------------------------- a log

// Some thirty pages: then a call costs little beside what it writes. SQLite's VFS for Unix takes 17 bits of
// the length of a write (os_unix.c: seekAndWriteFd).
constexpr int capacity = 127 << 10;
static_assert(capacity <= 0x1ffff);

// The log, as SQLite holds it. The real VFS's own part lies behind it, in the memory that SQLite has for
// both.
struct GatheredLog {
  sqlite3_file base = {};
  sqlite3_file* real = nullptr;
  LogGatherer::Known* known = nullptr;
  std::unique_ptr<std::byte[]> bytes = {};  // `size` bytes that belong at `offset`
  int size = 0;
  sqlite3_int64 offset = 0;

  [[nodiscard]] bool overlaps(sqlite3_int64 first, int count) const {
    return size > 0 && first < offset + size && offset < first + count;
  }
};

GatheredLog& log_of(sqlite3_file* file) {
  return *reinterpret_cast<GatheredLog*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return log_of(file).real;
}
const sqlite3_io_methods& methods(sqlite3_file* file) {
  return *real(file)->pMethods;
}

// What cannot be written is given up: SQLite rolls back, or its transaction is unknown, and nothing of it is
// written again later.
int write_gathered(sqlite3_file* file) {
  GatheredLog& log = log_of(file);
  if (log.size == 0) return SQLITE_OK;
  return methods(file).xWrite(log.real, log.bytes.get(), std::exchange(log.size, 0), log.offset);
}

int write_log(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  GatheredLog& log = log_of(file);
  if (offset == 0) ++log.known->logs_begun;
  const bool follows = offset == log.offset + log.size && count <= capacity - log.size;
  if (!follows) {
    if (const int result = write_gathered(file); result != SQLITE_OK) return result;
    log.offset = offset;
  }
  if (!log.bytes) log.bytes.reset(new (std::nothrow) std::byte[capacity]);
  if (!log.bytes || count > capacity) return methods(file).xWrite(log.real, bytes, count, offset);
  std::memcpy(log.bytes.get() + log.size, bytes, static_cast<std::size_t>(count));
  log.size += count;
  return SQLITE_OK;
}

int read_log(sqlite3_file* file, void* bytes, int count, sqlite3_int64 offset) {
  if (log_of(file).overlaps(offset, count)) {
    if (const int result = write_gathered(file); result != SQLITE_OK) return result;
  }
  return methods(file).xRead(real(file), bytes, count, offset);
}

// Writes what was gathered; then the call goes on to the real file.
template <auto method, class... Arguments>
int after_writing(sqlite3_file* file, Arguments... arguments) {
  if (const int result = write_gathered(file); result != SQLITE_OK) return result;
  return (methods(file).*method)(real(file), arguments...);
}

template <auto method, class... Arguments>
int pass_on(sqlite3_file* file, Arguments... arguments) {
  return (methods(file).*method)(real(file), arguments...);
}

// What was not flushed is of no transaction that counts. It must not be written: a child of `fork` closes the
// file as well, and its parent may have written something else there since.
int close_log(sqlite3_file* file) {
  const int closed = methods(file).xClose(real(file));
  std::destroy_at(&log_of(file));
  return closed;
}

using Methods = sqlite3_io_methods;

constexpr Methods log_methods{
    .iVersion = 1,  // shared memory and memory mapping are matters of the database file
    .xClose = close_log,
    .xRead = read_log,
    .xWrite = write_log,
    .xTruncate = after_writing<&Methods::xTruncate>,
    .xSync = after_writing<&Methods::xSync>,
    .xFileSize = after_writing<&Methods::xFileSize>,
    .xLock = pass_on<&Methods::xLock>,
    .xUnlock = pass_on<&Methods::xUnlock>,
    .xCheckReservedLock = pass_on<&Methods::xCheckReservedLock>,
    .xFileControl = after_writing<&Methods::xFileControl>,
    .xSectorSize = pass_on<&Methods::xSectorSize>,
    .xDeviceCharacteristics = pass_on<&Methods::xDeviceCharacteristics>,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

// ------------------------------------------------------------------------------------------------- the VFS

LogGatherer::Known& known(sqlite3_vfs* vfs) {
  return *static_cast<LogGatherer::Known*>(vfs->pAppData);
}
sqlite3_vfs* real(sqlite3_vfs* vfs) {
  return known(vfs).real;
}

template <auto method, class... Arguments>
int pass_on(sqlite3_vfs* vfs, Arguments... arguments) {
  return (real(vfs)->*method)(real(vfs), arguments...);
}

// All but the log are files of the real VFS, as if there were no other.
int open_file(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  if ((flags & SQLITE_OPEN_WAL) == 0) return real(vfs)->xOpen(real(vfs), name, file, flags, out_flags);
  auto* const log = new (file) GatheredLog{};
  log->real = reinterpret_cast<sqlite3_file*>(log + 1);
  log->known = &known(vfs);
  const int result = real(vfs)->xOpen(real(vfs), name, log->real, flags, out_flags);
  if (log->real->pMethods != nullptr) log->base.pMethods = &log_methods;
  return result;
}

std::string unique_name() {
  static std::atomic<unsigned> last{0};
  return "cairn-" + std::to_string(++last);
}

}  // namespace

LogGatherer::LogGatherer(const std::string& vfs) : name_{unique_name()} {
  sqlite3_vfs* const real = sqlite3_vfs_find(vfs.empty() ? nullptr : vfs.c_str());
  if (real == nullptr) throw SQLite::Exception{"no such VFS: " + vfs, SQLITE_ERROR};
  known_.real = real;
  vfs_.iVersion = 1;
  vfs_.szOsFile = static_cast<int>(sizeof(GatheredLog)) + real->szOsFile;
  vfs_.mxPathname = real->mxPathname;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = &known_;
  vfs_.xOpen = open_file;
  vfs_.xDelete = pass_on<&sqlite3_vfs::xDelete>;
  vfs_.xAccess = pass_on<&sqlite3_vfs::xAccess>;
  vfs_.xFullPathname = pass_on<&sqlite3_vfs::xFullPathname>;
  vfs_.xRandomness = pass_on<&sqlite3_vfs::xRandomness>;
  vfs_.xSleep = pass_on<&sqlite3_vfs::xSleep>;
  vfs_.xCurrentTime = pass_on<&sqlite3_vfs::xCurrentTime>;
  vfs_.xGetLastError = pass_on<&sqlite3_vfs::xGetLastError>;
  const int result = sqlite3_vfs_register(&vfs_, 0);
  if (result != SQLITE_OK) throw SQLite::Exception{"cannot register a VFS", result};
}

LogGatherer::~LogGatherer() {
  sqlite3_vfs_unregister(&vfs_);
}

}  // namespace cairn::sqlite
