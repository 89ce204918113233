#include "storage/sqlite/file_lock.hpp"

#include <cairn/error.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace cairn::sqlite {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& doing, int error) {
  const bool forbidden = error == EACCES || error == EPERM || error == EROFS;
  const std::string reason = std::generic_category().message(error);
  throw Error{forbidden ? Errc::file_is_read_only : Errc::store_failed,
              file.string() + ": " + doing + ": " + reason};
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& owner) {
  throw Error{Errc::file_is_owned, file.string() + " is owned by " + owner};
}

// What the owner wrote into the lock file; it may be about to write it.
std::string owner_of(int lock) {
  char text[32];
  const ssize_t length = ::pread(lock, text, sizeof text, 0);
  std::string number;
  for (ssize_t index = 0; index < length && text[index] >= '0' && text[index] <= '9'; ++index)
    number += text[index];
  return number.empty() ? "another process" : "process " + number;
}

bool try_lock(int descriptor) {
  return ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
}

std::optional<OpenFiles::Identity> identity_of(const std::filesystem::path& file) {
  struct stat found = {};
  if (::stat(file.c_str(), &found) != 0) return std::nullopt;
  return OpenFiles::Identity{found.st_dev, found.st_ino};
}

void write_owner(int lock, pid_t process) {
  const std::string text = std::to_string(process) + "\n";
  // For people and messages only, so a full disk is no reason to fail.
  if (::ftruncate(lock, 0) == 0) static_cast<void>(::pwrite(lock, text.data(), text.size(), 0) > 0);
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

FileLock::FileLock(const std::filesystem::path& file, Duration wait) : file_{file}, process_{::getpid()} {
  const std::filesystem::path name = file.string() + ".lock";
  lock_ = Descriptor{::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!lock_.is_open()) fail(file, "cannot open its lock file", errno);
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (!try_lock(lock_.number())) {
    if (errno != EWOULDBLOCK && errno != EINTR) fail(file, "cannot be locked", errno);
    if (std::chrono::steady_clock::now() >= deadline) refuse(file, owner_of(lock_.number()));
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  write_owner(lock_.number(), process_);
}

void FileLock::hold_file() {
  OpenFiles& open_files = OpenFiles::of_this_process();
  const auto lock = open_files.lock();
  const auto identity = identity_of(file_);
  if (!identity) fail(file_, "cannot be found", errno);
  if (open_files.contains(*identity)) refuse(file_, "this process, under another name");
  held_ = Descriptor{::open(file_.c_str(), O_RDWR | O_CLOEXEC)};
  if (!held_.is_open()) fail(file_, "cannot be opened", errno);
  if (!try_lock(held_.number())) refuse(file_, "another process, under another name");
  open_files.insert(*identity);
  identity_ = *identity;
}

FileLock::~FileLock() {
  OpenFiles& open_files = OpenFiles::of_this_process();
  const auto lock = open_files.lock();
  if (held_.is_open()) open_files.erase(identity_);
  // A child of the owner's process shares the locks: closing the descriptors there leaves them to the parent.
  held_ = Descriptor{};
}

void FileLock::check() const {
  if (::getpid() != process_) throw Error{Errc::store_failed, file_.string() + " was opened before a fork"};
  if (identity_of(file_) != identity_) {
    throw Error{Errc::store_failed, file_.string() + " was moved or replaced while it was open"};
  }
}

}  // namespace cairn::sqlite
