#include "tests/stress/board.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace cairn::testing {

namespace {

// Two processes share it, and one of them may end at any instruction.
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<Call>::is_always_lock_free);

constexpr std::size_t bytes = Board::size * sizeof(Slot);

[[noreturn]] void fail(const std::filesystem::path& file) {
  throw std::system_error{errno, std::generic_category(), file.string()};
}

}  // namespace

Board::Board(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) fail(file);
  void* memory = MAP_FAILED;
  if (::ftruncate(descriptor, bytes) == 0)
    memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  const int error = errno;
  ::close(descriptor);
  errno = error;
  if (memory == MAP_FAILED) fail(file);
  slots_ = static_cast<Slot*>(memory);  // a slot of zeros is an empty one
}

Board::~Board() {
  ::munmap(slots_, bytes);
}

}  // namespace cairn::testing
