#include "storage/sqlite/os/locks.hpp"

#include <fcntl.h>
#include <sys/file.h>

namespace cairn::sqlite::os {
namespace {

bool set_lock(const Descriptor& file, Range range, short type) {
  struct flock lock = {};  // `l_pid` must be 0
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = range.first;
  lock.l_len = range.bytes;
  return ::fcntl(file.number(), F_OFD_SETLK, &lock) == 0;
}

}  // namespace

bool lock_alone(const Descriptor& file) noexcept {
  return ::flock(file.number(), LOCK_EX | LOCK_NB) == 0;
}

bool share(const Descriptor& file, Range range) noexcept {
  return set_lock(file, range, F_RDLCK);
}

bool give_up(const Descriptor& file, Range range) noexcept {
  return set_lock(file, range, F_UNLCK);
}

bool is_held(const Descriptor& file, Range range) noexcept {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = range.first;
  lock.l_len = range.bytes;
  return ::fcntl(file.number(), F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

}  // namespace cairn::sqlite::os
