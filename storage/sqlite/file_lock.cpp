#include "storage/sqlite/file_lock.hpp"

#include "storage/sqlite/os/files.hpp"
#include "storage/sqlite/os/locks.hpp"
#include "storage/sqlite/os/processes.hpp"

#include <cairn/error.hpp>

#include <chrono>
#include <string>
#include <system_error>
#include <thread>

namespace cairn::sqlite {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& doing, std::error_code error) {
  const bool forbidden = error == std::errc::permission_denied ||
                         error == std::errc::operation_not_permitted ||
                         error == std::errc::read_only_file_system;
  throw Error{forbidden ? Errc::file_is_read_only : Errc::store_failed,
              file.string() + ": " + doing + ": " + error.message()};
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& owner) {
  throw Error{Errc::file_is_owned, file.string() + " is owned by " + owner};
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& file, Duration wait)
    : file_{file}, process_{os::process_number()}, lock_{lock_name(file), os::Access::make} {
  if (!lock_.is_open()) fail(file, "cannot open its lock file", os::why());
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (!os::lock_alone(lock_.get())) {
    const std::error_code error = os::why();
    if (error != std::errc::operation_would_block && error != std::errc::interrupted)
      fail(file, "cannot be locked", error);
    if (std::chrono::steady_clock::now() >= deadline) refuse(file, owner_of(lock_.get()));
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  found_ = read_mark(lock_.get());
  // Only who the owner is; the mark stays until the file is open.
  write_mark(lock_.get(), process_, found_);
}

void FileLock::hold_file() {
  OpenFiles& open_files = OpenFiles::of_this_process();
  const auto lock = open_files.lock();
  const auto facts = os::look_at(file_);
  if (!facts) fail(file_, "cannot be found", os::why());
  if (const auto owner = open_files.owner_of(facts->id)) refuse(file_, *owner + ", under another name");
  held_.open(file_, os::Access::write);
  if (!held_.is_open()) fail(file_, "cannot be opened", os::why());
  if (!os::lock_alone(held_.get())) {
    if (const std::error_code error = os::why(); error != std::errc::operation_would_block)
      fail(file_, "cannot be locked", error);
    refuse(file_, "another process, under another name");
  }
  if (const auto opened = os::look_at(held_.get()); !opened || opened->id != facts->id)
    throw Error{Errc::store_failed, file_.string() + " was replaced while it was opened"};
  open_files.insert(facts->id);
  id_ = facts->id;
}

FileLock::~FileLock() {
  OpenFiles& open_files = OpenFiles::of_this_process();
  const auto lock = open_files.lock();
  if (held_.is_open()) open_files.erase(id_);
  held_.close();
}

bool FileLock::is_ours() const noexcept {
  return os::process_number() == process_;
}

void FileLock::leave(FileMark mark, bool durably) noexcept {
  if (!is_ours()) return;
  write_mark(lock_.get(), process_, mark);
  if (durably) os::flush(lock_.get());
}

}  // namespace cairn::sqlite
