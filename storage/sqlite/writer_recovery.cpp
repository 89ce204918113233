// The writer when something has failed, or when somebody else has changed the file; and its end.

#include "storage/sqlite/errors.hpp"
#include "storage/sqlite/file_check.hpp"
#include "storage/sqlite/writer.hpp"

#include <cairn/detail/caught.hpp>

#include <sqlite3.h>

#include <exception>
#include <string>

namespace cairn::sqlite {
namespace {

// A full disk refuses a page, and the mark that ends a transaction is on its last page; so it was not
// written. This does not hold where SQLite pads the log with copies behind the mark.
bool cannot_have_been_written(Connection& connection, const SQLite::Exception& failure) {
  if (failure.getErrorCode() != SQLITE_FULL) return false;
  int does_not_pad = -1;
  sqlite3_file_control(connection.handle(), "main", SQLITE_FCNTL_POWERSAFE_OVERWRITE, &does_not_pad);
  return does_not_pad == 1;
}

}  // namespace

// What SQLite rolls back in memory may still be complete in the log, and would come back with the next start.
// So every connection is closed, and the log read anew: it decides whether the group was written.
void Writer::resolve(const SQLite::Exception& failure, std::int64_t commit_seq) {
  const Error failed = as_error(failure, "cannot commit");
  const bool definite = file_ == nullptr || cannot_have_been_written(*connection_, failure);
  if (connection_->roll_back() && definite) throw failed;
  give_up();
  // Whoever closes a log that has no name any more loses it.
  require_unchanged(Errc::outcome_unknown);
  try {
    const ReadPool::Pause pause{reads_};
    settle();
  } catch (const std::exception& second) {
    throw Error{Errc::outcome_unknown,
                detail::what_of(failed) + "; and reading back failed: " + detail::what_of(second)};
  }
  if (counts_.commit_seq != commit_seq || counts_.epoch != epoch_) throw failed;
}

// Its connection is closed when the next one is made.
void Writer::give_up() noexcept {
  instances_.clear();
  expiry_search_ = {};
  is_fit_ = false;
}

// Connects anew, and makes sure that what the log was found to hold is also on disk: after a failed flush the
// kernel may take pages for written that are not. The checkpoint writes them again, elsewhere.
void Writer::settle() {
  give_up();
  // It has ended, since the reads pause. The next connection counts its logs from the beginning.
  background_.forget();
  moving_.reset();
  const FileWatch::Writing writing{watch_, FileWatch::Scope::all};
  if (watch_ != nullptr) watch_->expect_log({});
  connect_anew();
  if (!connection_->checkpoint(true)) throw Error{Errc::store_failed, "the log is in use by another program"};
  load();
  publish(counts_);
  if (watch_ != nullptr) watch_->expect_log(connection_->log());
  upkeep_failure_ = nullptr;
  is_fit_ = true;
}

// Nobody of this store has the file open in between, so that SQLite reads the log.
void Writer::connect_anew() {
  if (connection_) {
    connection_->leave_log_alone(true);
    connection_.reset();
  }
  if (file_ != nullptr) file_->locks.give_up_index();
  connection_ = std::make_unique<Connection>(options_.connection, Role::writes);
  if (file_ != nullptr) file_->locks.take();
}

// ------------------------------------------------------------------------------------------- changes by
// others

FileChange Writer::look() const {
  if (watch_ == nullptr) return FileChange::none;
  const FileChange lasting = rescue_.change();
  return lasting != FileChange::none ? lasting : watch_->look();
}

// Asked before a group is written, since what is written behind a hole cannot be read; and again before it is
// acknowledged.
void Writer::require_unchanged(Errc otherwise) {
  FileChange change = FileChange::none;
  try {
    change = look();
  } catch (const Error& error) {
    throw Error{otherwise, detail::what_of(error)};
  }
  if (change != FileChange::none) refuse_changed(change, otherwise);
}

void Writer::refuse_changed(FileChange change, Errc code) {
  {
    const ReadPool::Pause pause{reads_};
    save(change);
  }
  throw Error{code, rescue_.message(change)};
}

void Writer::save(FileChange change) {
  const FileWatch::Writing writing{watch_};
  rescue_.save(change, connection_.get(), now_);
  if (connection_) watch_->expect_log(connection_->log());
  file_->lock.leave({.state = rescue_.mark(change), .group = acknowledged_});
}

void Writer::acknowledge() {
  if (file_ == nullptr) return;
  watch_->expect_log(connection_->log());
  require_unchanged(Errc::outcome_unknown);
  acknowledged_ = counts_.commit_seq;
  file_->lock.leave({.state = FileMark::State::open, .group = acknowledged_});
}

std::vector<Complaint> Writer::complaints() const {
  std::vector<Complaint> complaints;
  if (file_ == nullptr) return complaints;
  try {
    if (std::optional<Complaint> changed = rescue_.complaint(look()))
      complaints.push_back(*std::move(changed));
  } catch (const Error& error) {
    complaints.push_back(
        {.state = HealthState::failed, .code = "store_failing", .message = detail::what_of(error)});
  }
  if (const std::uint64_t names = watch_->names(); names > 1) {
    complaints.push_back({.code = "file_has_other_names",
                          .message = options_.connection.path + " has " + std::to_string(names) +
                                     " names (hard links); its log is found under this one alone"});
  }
  return complaints;
}

// ----------------------------------------------------------------------------------------------------- the
// end

Writer::~Writer() {
  if (!connection_ || file_ == nullptr) return;
  connection_->leave_log_alone(true);  // whatever fails now
  try {
    close();
  } catch (const std::exception&) {
    // Nobody could be told, and the next owner finds file and log as they are.
  }
}

void Writer::close() {
  if (!file_->lock.is_ours()) return;  // a child of the owner
  if (const FileChange change = look(); change != FileChange::none) return save(change);
  if (!is_fit_) return;
  connection_->leave_log_alone(false);
  file_->locks.give_up_file();
  connection_.reset();
  if (bytes_of(log_name(file_->lock.file())) == 0)
    file_->lock.leave({.state = FileMark::State::closed, .group = counts_.commit_seq});
}

}  // namespace cairn::sqlite
