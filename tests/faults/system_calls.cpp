#include "tests/faults/system_calls.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace cairn::testing {
namespace {

SystemCalls::Judge& judge() {
  static SystemCalls::Judge the_one;
  return the_one;
}

bool armed = false;

// Whether the call is let through; if not, `errno` says why.
bool passes(const SystemCall& call) {
  if (!armed || !judge()) return true;
  const int error = judge()(call);
  if (error == 0) return true;
  errno = error;
  return false;
}

// The kernel's own, unless the call fails. All arguments are numbers or addresses.
template <class... Arguments>
long handed_on(const SystemCall& call, long number, Arguments... arguments) {
  return passes(call) ? ::syscall(number, arguments...) : -1;
}

int open_file(const char* path, int flags, unsigned mode) {
  const bool writes = (flags & O_ACCMODE) != O_RDONLY;
  return static_cast<int>(
      handed_on({.name = "open", .file = path, .writes = writes}, SYS_openat, AT_FDCWD, path, flags, mode));
}

int look(const char* path, void* found, int flags) {
  return static_cast<int>(handed_on({.name = flags == 0 ? "stat" : "lstat", .file = path}, SYS_newfstatat,
                                    AT_FDCWD, path, found, flags));
}

}  // namespace

void SystemCalls::set_judge(Judge asked) {
  judge() = std::move(asked);
}

void SystemCalls::arm(bool on) {
  armed = on;
}

// Linux gives back a lock that is held without needing anything for it, as it closes a file; and SQLite holds
// for good what it could not give back.
int control_file(int file, int command, std::uintptr_t argument) {
  const bool locks = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK;
  if (locks && reinterpret_cast<const struct flock*>(argument)->l_type == F_UNLCK)
    return static_cast<int>(::syscall(SYS_fcntl, file, command, argument));
  return static_cast<int>(handed_on({.name = "fcntl"}, SYS_fcntl, file, command, argument));
}

int passing_error(const SystemCall& call) {
  if (call.name == "open") return EMFILE;
  if (call.name == "flock") return ENOLCK;
  if (call.name == "mmap") return ENOMEM;
  if (call.name == "pwrite" || call.name == "ftruncate") return ENOSPC;
  return EIO;
}

}  // namespace cairn::testing

using cairn::testing::handed_on;

// Both names of each: SQLite is compiled for large files, cairn need not be.
extern "C" {

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const unsigned mode = va_arg(more, unsigned);
  va_end(more);
  return cairn::testing::open_file(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const unsigned mode = va_arg(more, unsigned);
  va_end(more);
  return cairn::testing::open_file(path, flags, mode);
}

int fcntl(int file, int command, ...) {
  va_list more;
  va_start(more, command);
  const auto argument = va_arg(more, std::uintptr_t);
  va_end(more);
  return cairn::testing::control_file(file, command, argument);
}

int fcntl64(int file, int command, ...) {
  va_list more;
  va_start(more, command);
  const auto argument = va_arg(more, std::uintptr_t);
  va_end(more);
  return cairn::testing::control_file(file, command, argument);
}

int stat(const char* path, struct stat* found) noexcept {
  return cairn::testing::look(path, found, 0);
}
int stat64(const char* path, struct stat64* found) noexcept {
  return cairn::testing::look(path, found, 0);
}
int lstat(const char* path, struct stat* found) noexcept {
  return cairn::testing::look(path, found, AT_SYMLINK_NOFOLLOW);
}
int lstat64(const char* path, struct stat64* found) noexcept {
  return cairn::testing::look(path, found, AT_SYMLINK_NOFOLLOW);
}
int fstat(int file, struct stat* found) noexcept {
  return static_cast<int>(handed_on({.name = "fstat"}, SYS_fstat, file, found));
}
int fstat64(int file, struct stat64* found) noexcept {
  return static_cast<int>(handed_on({.name = "fstat"}, SYS_fstat, file, found));
}

ssize_t pread(int file, void* bytes, size_t count, off_t offset) {
  return handed_on({.name = "pread"}, SYS_pread64, file, bytes, count, offset);
}
ssize_t pread64(int file, void* bytes, size_t count, off64_t offset) {
  return handed_on({.name = "pread"}, SYS_pread64, file, bytes, count, offset);
}
ssize_t pwrite(int file, const void* bytes, size_t count, off_t offset) {
  return handed_on({.name = "pwrite"}, SYS_pwrite64, file, bytes, count, offset);
}
ssize_t pwrite64(int file, const void* bytes, size_t count, off64_t offset) {
  return handed_on({.name = "pwrite"}, SYS_pwrite64, file, bytes, count, offset);
}
int ftruncate(int file, off_t bytes) noexcept {
  return static_cast<int>(handed_on({.name = "ftruncate"}, SYS_ftruncate, file, bytes));
}
int ftruncate64(int file, off64_t bytes) noexcept {
  return static_cast<int>(handed_on({.name = "ftruncate"}, SYS_ftruncate, file, bytes));
}
int fsync(int file) {
  return static_cast<int>(handed_on({.name = "fsync"}, SYS_fsync, file));
}
int fdatasync(int file) {
  return static_cast<int>(handed_on({.name = "fdatasync"}, SYS_fdatasync, file));
}

void* mmap(void* at, size_t bytes, int protection, int flags, int file, off_t offset) noexcept {
  return reinterpret_cast<void*>(
      handed_on({.name = "mmap"}, SYS_mmap, at, bytes, protection, flags, file, offset));
}
void* mmap64(void* at, size_t bytes, int protection, int flags, int file, off64_t offset) noexcept {
  return reinterpret_cast<void*>(
      handed_on({.name = "mmap"}, SYS_mmap, at, bytes, protection, flags, file, offset));
}

int flock(int file, int operation) noexcept {
  return static_cast<int>(handed_on({.name = "flock"}, SYS_flock, file, operation));
}
int access(const char* path, int mode) noexcept {
  return static_cast<int>(handed_on({.name = "access", .file = path}, SYS_faccessat, AT_FDCWD, path, mode));
}
int faccessat(int folder, const char* path, int mode, int flags) noexcept {
  return static_cast<int>(
      handed_on({.name = "access", .file = path}, SYS_faccessat2, folder, path, mode, flags));
}
int fchmod(int file, mode_t mode) noexcept {
  return static_cast<int>(handed_on({.name = "fchmod"}, SYS_fchmod, file, mode));
}
int fchown(int file, uid_t user, gid_t group) noexcept {
  return static_cast<int>(handed_on({.name = "fchown"}, SYS_fchown, file, user, group));
}
int unlink(const char* path) noexcept {
  return static_cast<int>(handed_on({.name = "unlink", .file = path}, SYS_unlinkat, AT_FDCWD, path, 0));
}
int rename(const char* from, const char* to) noexcept {
  return static_cast<int>(
      handed_on({.name = "rename", .file = from}, SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

}  // extern "C"
