#include "storage/sqlite/os/descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace cairn::sqlite::os {
namespace {

// Standard input, output and error lie below.
constexpr int lowest = 3;

int flags_of(Access access) {
  switch (access) {
    case Access::read:
      return O_RDONLY | O_NOFOLLOW;
    case Access::write:
      return O_RDWR | O_NOFOLLOW;
    case Access::make:
      return O_RDWR | O_NOFOLLOW | O_CREAT;
    case Access::make_new:
      return O_RDWR | O_NOFOLLOW | O_CREAT | O_EXCL;
    case Access::folder:
      return O_RDONLY | O_DIRECTORY;
  }
  return O_RDONLY;
}

// While one lives, the kernel gives no number that belongs to a standard stream. It is nothing to close a low
// descriptor of the file again instead: its locks would be gone.
class StandardStreams {
 public:
  StandardStreams() {
    for (Descriptor& descriptor : descriptors_) {
      descriptor = Descriptor{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
      if (descriptor.number() < 0 || descriptor.number() >= lowest) break;
    }
  }

 private:
  std::array<Descriptor, lowest + 1> descriptors_;
};

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ < 0) return;
  const int before = errno;
  ::close(number_);
  errno = before;
}

Descriptor open_file(const std::filesystem::path& file, Access access, unsigned permissions) {
  const StandardStreams taken;
  Descriptor opened{::open(file.c_str(), flags_of(access) | O_CLOEXEC, permissions)};
  // Another thread has closed a standard stream just now, or there is no /dev/null.
  if (opened.is_open() && opened.number() < lowest)
    opened = Descriptor{::fcntl(opened.number(), F_DUPFD_CLOEXEC, lowest)};
  return opened;
}

}  // namespace cairn::sqlite::os
