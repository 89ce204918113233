#include "file_hash.hpp"

#include "digest.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

namespace verify {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{64} << 10;

class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_{number} {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const noexcept { return number_; }

 private:
  int number_;
};

FileHash unreadable(std::string reason) {
  return {.state = FileState::unreadable, .reason = std::move(reason)};
}

FileHash failed(int error) {
  if (error == ENOENT || error == ENOTDIR) return {};
  return unreadable(std::generic_category().message(error));
}

std::string_view kind_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return "is a directory";
    case S_IFLNK:
      return "is a symbolic link";
    case S_IFIFO:
      return "is a pipe";
    case S_IFSOCK:
      return "is a socket";
    default:
      return "is a device";
  }
}

}  // namespace

FileHash hash_file(const std::filesystem::path& file) {
  struct ::stat found = {};
  if (::lstat(file.c_str(), &found) != 0) return failed(errno);
  if (!S_ISREG(found.st_mode)) return unreadable(std::string{kind_of(found.st_mode)});

  // Should a link or a pipe take the place of the file at this very moment: it is neither followed nor waited
  // for.
  const Descriptor descriptor{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  if (descriptor.number() < 0) return failed(errno);

  Digest digest = Digest::md5();
  std::array<char, buffer_bytes> buffer;
  std::int64_t bytes = 0;
  for (;;) {
    const ssize_t got = ::read(descriptor.number(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(errno);
    if (got == 0) break;
    digest.update({buffer.data(), static_cast<std::size_t>(got)});
    bytes += got;
  }
  return {.state = FileState::read, .md5 = digest.hex(), .bytes = bytes};
}

std::int64_t size_of(const std::filesystem::path& file) noexcept {
  struct ::stat found = {};
  const bool regular = ::lstat(file.c_str(), &found) == 0 && S_ISREG(found.st_mode);
  return regular ? static_cast<std::int64_t>(found.st_size) : 0;
}

}  // namespace verify
