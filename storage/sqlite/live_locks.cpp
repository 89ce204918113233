#include "storage/sqlite/live_locks.hpp"

#include "storage/sqlite/open_files.hpp"
#include "storage/sqlite/os/files.hpp"
#include "storage/sqlite/os/locks.hpp"

#include <cairn/error.hpp>

#include <string>
#include <system_error>

namespace cairn::sqlite {
namespace {

using os::file_in_use;

// SQLite's own, since other versions must agree: the dead man's switch of the index (os_unix.c:
// UNIX_SHM_DMS).
constexpr os::Range index_in_use{.first = 128, .bytes = 1};

}  // namespace

LiveLocks::~LiveLocks() {
  // Readers of this process that are none of this store's hold the mutex, see `FileReader`.
  const auto lock = OpenFiles::of_this_process().lock();
  index_.close();
}

void LiveLocks::take() {
  // Somebody has the file alone: only a VFS that shares it with nobody, since SQLite has its own lock by now.
  if (!os::share(lock_.held(), file_in_use) && os::why() != std::errc::resource_unavailable_try_again)
    fail("cannot be locked");
  if (!index_.is_open()) {
    index_.open(index_name(lock_.file()), os::Access::read);
    if (!index_.is_open() && os::why() == std::errc::no_such_file_or_directory) return;
    if (!index_.is_open()) fail("has an index that cannot be opened");
  }
  if (!os::share(index_.get(), index_in_use)) fail("has an index that cannot be locked");
  holds_index_ = true;
}

void LiveLocks::give_up_index() noexcept {
  holds_index_ = false;
  if (!lock_.is_ours() || !index_.is_open()) return;
  // The lock of a descriptor that is closed is gone; and nobody else of this process has the index open now.
  if (!os::give_up(index_.get(), index_in_use)) index_.close();
}

void LiveLocks::give_up_file() const noexcept {
  // Kept, it is found again by the next owner of the file: the log is not deleted.
  if (lock_.is_ours()) static_cast<void>(os::give_up(lock_.held(), file_in_use));
}

void LiveLocks::fail(const char* what) const {
  const std::string reason = os::why().message();
  throw Error{Errc::store_failed, lock_.file().string() + ' ' + what + ": " + reason};
}

}  // namespace cairn::sqlite
