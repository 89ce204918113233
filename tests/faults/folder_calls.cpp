#include "tests/faults/folder_calls.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace cairn::testing {
namespace {

FolderCalls::Observer& observer() {
  static FolderCalls::Observer the_one;
  return the_one;
}

void tell(const FolderCall& call) {
  if (observer()) observer()(call);
}

std::string last_part(std::string_view path) {
  return std::string{path.substr(path.rfind('/') + 1)};
}

int flush(long call, int descriptor) {
  const auto result = static_cast<int>(::syscall(call, descriptor));
  struct stat found = {};
  if (result == 0 && observer() && ::fstat(descriptor, &found) == 0 && S_ISDIR(found.st_mode))
    tell({.kind = FolderCall::Kind::flush});
  return result;
}

}  // namespace

FolderCalls::FolderCalls(Observer told) {
  if (observer()) throw std::logic_error{"somebody is told of names already"};
  observer() = std::move(told);
}

FolderCalls::~FolderCalls() {
  observer() = {};
}

}  // namespace cairn::testing

using cairn::testing::FolderCall;

extern "C" {

int rename(const char* from, const char* to) noexcept {
  const auto result = static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
  if (result == 0) {
    cairn::testing::tell({.kind = FolderCall::Kind::rename,
                          .name = cairn::testing::last_part(from),
                          .new_name = cairn::testing::last_part(to)});
  }
  return result;
}

int unlink(const char* path) noexcept {
  const auto result = static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, path, 0));
  if (result == 0)
    cairn::testing::tell({.kind = FolderCall::Kind::remove, .name = cairn::testing::last_part(path)});
  return result;
}

int fsync(int descriptor) {
  return cairn::testing::flush(SYS_fsync, descriptor);
}

int fdatasync(int descriptor) {
  return cairn::testing::flush(SYS_fdatasync, descriptor);
}

}  // extern "C"
