#include "storage/sqlite/file_watch.hpp"

#include "storage/sqlite/log_format.hpp"

#include <cairn/error.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <string>
#include <system_error>

namespace cairn::sqlite {
namespace {

// What the index of the log knows of it (sqlite.org/walformat.html#the_wal_index_file_format).
struct IndexFacts {
  std::uint32_t pages = 0;
  std::uint32_t database_pages = 0;  // how many the database has by the last commit
  std::uint32_t moved = 0;           // by checkpoints that have ended
  std::uint32_t begun = 0;           // that one which runs, or was cut off, may have moved as well
};

// Nothing where there is no index. Throws when it cannot be read.
std::optional<IndexFacts> read_index(const os::Descriptor& index) {
  constexpr std::size_t pages_at = 16;
  constexpr std::size_t database_pages_at = 20;
  constexpr std::size_t moved_at = 96;
  constexpr std::size_t begun_at = 128;
  if (!index.is_open()) return std::nullopt;
  std::array<std::byte, begun_at + 4> bytes = {};
  if (!os::read_at(index, 0, bytes))
    throw Error{Errc::store_failed, "the index of the log cannot be read: " + os::why().message()};
  IndexFacts facts;
  std::memcpy(&facts.pages, bytes.data() + pages_at, sizeof facts.pages);
  std::memcpy(&facts.database_pages, bytes.data() + database_pages_at, sizeof facts.database_pages);
  std::memcpy(&facts.moved, bytes.data() + moved_at, sizeof facts.moved);
  std::memcpy(&facts.begun, bytes.data() + begun_at, sizeof facts.begun);
  return facts;
}

bool is_another(const std::optional<os::FileFacts>& found, const std::optional<os::FileFacts>& known) {
  return known && (!found || found->id != known->id);
}

}  // namespace

FileWatch::FileWatch(const FileLock& lock, const LiveLocks& locks)
    : lock_{lock}, locks_{locks}, log_{log_name(lock.file())}, index_{index_name(lock.file())} {}

void FileWatch::begin(std::size_t page_bytes, std::size_t owner_page) {
  const std::lock_guard lock{mutex_};
  page_bytes_ = page_bytes;
  owner_page_ = owner_page;
  page_.resize(page_bytes);
  page_now_.resize(page_bytes);
  log_facts_ = seen(log_);
  index_facts_ = seen(index_);
  adopt_file();
}

void FileWatch::expect_log(const LogExtent& log) noexcept {
  const std::lock_guard lock{mutex_};
  if (log.number != log_extent_.number || log.pages < log_extent_.pages) {
    // Begun anew, and so moved before: by another program, as far as it was not by us.
    if (log_extent_.moved < log_extent_.pages) is_known_ = false;
    moved_by_others_ = 0;
    others_move_ = false;
  }
  log_extent_ = log;
}

void FileWatch::expect_database(std::size_t pages) noexcept {
  const std::lock_guard lock{mutex_};
  least_bytes_ = std::min(least_bytes_, std::uint64_t{pages} * page_bytes_);
}

// A look of another thread is over before the writing begins, and does not take it for somebody else's.
FileWatch::Writing::Writing(FileWatch* watch, Scope scope) noexcept : watch_{watch}, scope_{scope} {
  if (watch_ == nullptr) return;
  const std::lock_guard lock{watch_->mutex_};
  ++watch_->writing_;
  if (scope_ == Scope::all) ++watch_->settling_;
}

FileWatch::Writing::~Writing() {
  if (watch_ == nullptr) return;
  const std::lock_guard lock{watch_->mutex_};
  if (--watch_->writing_ == 0) watch_->adopt_file();
  if (scope_ == Scope::file || --watch_->settling_ > 0 || !watch_->index_facts_) return;
  const bool is_held = watch_->locks_.holds_index();
  const auto index = is_held ? os::look_at(watch_->locks_.index()) : std::nullopt;
  watch_->index_facts_->bytes = index ? index->bytes : 0;
}

FileChange FileWatch::look() {
  const std::lock_guard lock{mutex_};
  const FileChange change = look_at_file();
  return change != FileChange::none ? change : look_at_log();
}

std::uint64_t FileWatch::names() const {
  const std::lock_guard lock{mutex_};
  return file_.names;
}

std::optional<os::FileFacts> FileWatch::seen(const std::filesystem::path& file) {
  std::error_code error;
  const std::optional<os::FileFacts> facts = os::look_at(file, error);
  if (error) throw Error{Errc::store_failed, file.string() + " cannot be looked at: " + error.message()};
  return facts;
}

FileChange FileWatch::look_at_file() {
  const std::optional<os::FileFacts> facts = seen(lock_.file());
  if (!facts || facts->id != lock_.id()) {
    const auto held = os::look_at(lock_.held());
    return held && held->names == 0 ? FileChange::removed : FileChange::moved;
  }
  file_.names = facts->names;
  if (writing_ > 0) return FileChange::none;
  if (was_cut(*facts)) return FileChange::overwritten;
  if (!is_known_) {
    adopt_file();
    return FileChange::none;
  }
  if (others_move_ && note_moved_by_others()) {
    adopt_file();
    return FileChange::none;
  }
  if (facts->bytes == file_.bytes && facts->written == file_.written) return FileChange::none;
  if ((facts->bytes < file_.bytes && !was_moved_by_another()) || is_overwritten())
    return FileChange::overwritten;
  file_ = *facts;
  return FileChange::none;
}

// Whoever moves the log leaves the file as long as the database was by one of the commits in it: since the
// file was last known, as short as we have made it, or, if another program has written, as it is now.
bool FileWatch::was_cut(const os::FileFacts& facts) const {
  if (facts.bytes >= std::min(file_.bytes, least_bytes_)) return false;
  const std::optional<IndexFacts> index = read_index(locks_.index());
  return !index || facts.bytes < std::uint64_t{index->database_pages} * page_bytes_;
}

// Somebody has written to the file. Whoever put an older or another database there has changed the page that
// every group writes. It may also have been a checkpoint of another program, which is SQLite's to order; or
// nobody has changed anything (touch).
bool FileWatch::is_overwritten() {
  if (!read_owner_page(page_now_)) {
    throw Error{Errc::store_failed, lock_.file().string() + " cannot be read: " + os::why().message()};
  }
  if (page_now_ == page_) return false;
  if (!was_moved_by_another()) return true;
  page_.swap(page_now_);
  return false;
}

FileChange FileWatch::look_at_log() const {
  const std::optional<os::FileFacts> log = seen(log_);
  const std::optional<os::FileFacts> index = seen(index_);
  if (is_another(log, log_facts_) || is_another(index, index_facts_)) return FileChange::log_removed;
  if (settling_ > 0) return FileChange::none;
  if (index_facts_ && index->bytes < index_facts_->bytes) return FileChange::log_cut;
  if (!log_facts_ || log_extent_.pages == 0) return FileChange::none;
  const std::uint64_t least = log_header_bytes + log_extent_.pages * (frame_header_bytes + page_bytes_);
  return log->bytes < least && !was_begun_anew_by_another() ? FileChange::log_cut : FileChange::none;
}

// It writes to the file before the index says how far it has come, only how far it means to come.
bool FileWatch::was_moved_by_another() {
  const std::optional<IndexFacts> index = read_index(locks_.index());
  if (!index) return false;
  const std::size_t known = std::max(log_extent_.moved, moved_by_others_);
  const bool moved = std::max(index->moved, index->begun) > known || index->pages < log_extent_.pages;
  others_move_ = others_move_ || moved;
  return moved;
}

// Whether the checkpoint of another program is over: whoever writes to the file from now on is none of its.
bool FileWatch::note_moved_by_others() {
  const std::optional<IndexFacts> index = read_index(locks_.index());
  if (!index || index->moved < index->begun) return false;
  moved_by_others_ = index->moved;
  others_move_ = false;
  return true;
}

// A checkpoint of another program may have moved all of the log and emptied it.
bool FileWatch::was_begun_anew_by_another() const {
  const std::optional<IndexFacts> index = read_index(locks_.index());
  return index && index->pages < log_extent_.pages;
}

// What cannot be read for this once is adopted at the next look. A file that was cut is not, and the next
// look tells.
void FileWatch::adopt_file() noexcept {
  const auto facts = os::look_at(lock_.held());
  is_known_ = facts && read_owner_page(page_);
  try {
    if (facts && !was_cut(*facts)) file_ = *facts;
  } catch (const std::exception&) {
    is_known_ = false;
  }
}

bool FileWatch::read_owner_page(std::vector<std::byte>& page) const noexcept {
  return owner_page_ > 0 && os::read_at(lock_.held(), (owner_page_ - 1) * page_bytes_, page);
}

}  // namespace cairn::sqlite
