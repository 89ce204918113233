#include "storage/sqlite/rescue.hpp"

#include "storage/sqlite/os/files.hpp"

#include <cairn/detail/caught.hpp>
#include <cairn/error.hpp>

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include <exception>
#include <system_error>
#include <utility>

namespace cairn::sqlite {
namespace {

// A new, empty file of a name that nobody has.
std::filesystem::path make_beside(const std::filesystem::path& file) {
  for (int number = 1; number <= rescued_names_max; ++number) {
    const std::filesystem::path name = rescued_name(file, number);
    // SQLite takes a log beside an empty file away.
    if (os::may(os::Permission::exist, log_name(name))) continue;
    if (os::open_file(name, os::Access::make_new).is_open()) return name;
    if (os::why() != std::errc::file_exists) break;
  }
  throw Error{Errc::store_failed, "no file can be made beside it: " + os::why().message()};
}

void copy(Connection& connection, const std::filesystem::path& name) {
  SQLite::Database copied{name.string(), SQLite::OPEN_READWRITE};
  sqlite3_backup* const backup = sqlite3_backup_init(copied.getHandle(), "main", connection.handle(), "main");
  if (backup == nullptr) throw SQLite::Exception{copied.getHandle()};
  sqlite3_backup_step(backup, -1);
  if (const int result = sqlite3_backup_finish(backup); result != SQLITE_OK)
    throw SQLite::Exception{copied.getHandle(), result};
}

}  // namespace

std::filesystem::path rescued_name(const std::filesystem::path& file, int number) {
  return file.string() + ".rescued" + (number == 1 ? "" : "-" + std::to_string(number));
}

void Rescue::save(FileChange change, Connection* connection, Time now) {
  {
    const std::lock_guard lock{mutex_};
    if (change != FileChange::moved && change_ == FileChange::none) {
      change_ = change;
      since_ = now;
    }
    if (change == FileChange::overwritten || change == FileChange::log_cut) return;
    if (change != FileChange::moved && !saved_in_.empty()) return;
  }
  std::filesystem::path saved_in;
  std::string failure;
  try {
    if (connection == nullptr || !connection->roll_back())
      throw Error{Errc::store_failed, "no connection is fit for it"};
    saved_in = change == FileChange::removed ? save_beside(*connection) : file_;
    if (change == FileChange::moved) save_into_file(*connection);
    if (change == FileChange::log_removed) saved_in = save_somewhere(*connection);
  } catch (const std::exception& error) {
    failure = detail::what_of(error);
  }
  const std::lock_guard lock{mutex_};
  if (change != FileChange::moved) saved_in_ = std::move(saved_in);
  failure_ = std::move(failure);
}

std::filesystem::path Rescue::save_somewhere(Connection& connection) {
  try {
    save_into_file(connection);
    return file_;
  } catch (const std::exception&) {
    return save_beside(connection);
  }
}

void Rescue::save_into_file(Connection& connection) {
  if (!connection.checkpoint(true)) throw Error{Errc::store_failed, "its log is in use by another program"};
}

// The log then goes: it must not be taken for that of whatever file is put under the old name.
std::filesystem::path Rescue::save_beside(Connection& connection) {
  const std::filesystem::path name = make_beside(file_);
  try {
    copy(connection, name);
  } catch (...) {
    os::remove(name.c_str());
    throw;
  }
  os::flush_folder(file_.parent_path());
  try {
    save_into_file(connection);
  } catch (const std::exception&) {
    // A reader of another program has it, or the disk fails; what counts has been saved.
    std::error_code error;
    const auto log = os::look_at(log_name(file_), error);
    const std::lock_guard lock{mutex_};
    has_left_log_ = log || error;
  }
  return name;
}

bool Rescue::has_left_log() const {
  const std::lock_guard lock{mutex_};
  return has_left_log_;
}

FileMark::State Rescue::mark(FileChange change) const {
  // The next owner must not put the log and what lies there now together.
  if (change == FileChange::overwritten || has_left_log()) return FileMark::State::changed;
  if (change == FileChange::moved) return FileMark::State::moved;
  return change == FileChange::removed ? FileMark::State::removed : FileMark::State::log_gone;
}

FileChange Rescue::change() const {
  const std::lock_guard lock{mutex_};
  return change_;
}

std::string Rescue::message(FileChange change) const {
  const std::string file = file_.string();
  switch (change) {
    case FileChange::none:
      return {};
    case FileChange::moved:
      return file + " was moved or replaced while it was open; nothing is written until it is back" + told();
    case FileChange::removed:
      return file + " was removed or replaced while it was open, and nothing is written any more" + told();
    case FileChange::log_removed:
      return "the log of " + file +
             ", or the index of that, was removed or replaced while it was open, and "
             "nothing is written any more" +
             told();
    case FileChange::overwritten:
      return file +
             " was written over or cut while it was open, and nothing is written any more; stop the program "
             "and restore a backup: remove " +
             file + "-wal, " + file + "-shm and " + file + ".lock, and copy it";
    case FileChange::log_cut:
      return "the log of " + file +
             " was cut while it was open, and nothing is written any more; stop the "
             "program and restore a backup: remove " +
             file + "-wal, " + file + "-shm and " + file + ".lock, and copy it";
  }
  return {};
}

// What became of what was acknowledged.
std::string Rescue::told() const {
  const std::lock_guard lock{mutex_};
  if (!failure_.empty()) return "; what was acknowledged could not be saved: " + failure_;
  if (saved_in_.empty()) return {};
  if (saved_in_ == file_) return "; what was acknowledged is in the file: start the program anew";
  return "; what was acknowledged is saved in " + saved_in_.string() + ": stop the program, " +
         (has_left_log_ ? "remove " + file_.string() + "-wal, " + file_.string() + "-shm and " +
                              file_.string() + ".lock, "
                        : "") +
         "and put that file in its place";
}

std::optional<Complaint> Rescue::complaint(FileChange change) const {
  if (change == FileChange::none) return std::nullopt;
  std::optional<Time> since;
  {
    const std::lock_guard lock{mutex_};
    since = since_;
  }
  return Complaint{
      .state = HealthState::failed, .code = "file_changed", .message = message(change), .since = since};
}

}  // namespace cairn::sqlite
