#include "storage/sqlite/writer.hpp"

#include "storage/preconditions.hpp"
#include "storage/sqlite/audit_trail.hpp"
#include "storage/sqlite/errors.hpp"
#include "storage/sqlite/file_check.hpp"
#include "storage/sqlite/group.hpp"
#include "storage/sqlite/migrate.hpp"
#include "storage/sqlite/queries.hpp"

#include <sqlite3.h>

#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace cairn::sqlite {

// ---------------------------------------------------------------------------------------------------------
// opening

Writer::Writer(WriterOptions options, ReadPool& reads)
    : options_{std::move(options)}, reads_{reads}, background_{options_.connection, reads} {
  connection_ = std::make_unique<Connection>(options_.connection, Role::writes);
  if (!is_in_memory(options_.connection.path)) {
    // Whatever is wrong with the file, closing the connection again must not change it.
    connection_->leave_log_alone(true);
    check_opened(*connection_, options_.connection.path);
    connection_->leave_log_alone(false);
  }
  migrate(*connection_);
  take_ownership();
  load();
  epoch_ = counts_.epoch;
  ownership_ = {counts_.epoch, counts_.commit_seq, counts_.next_key, counts_.last_time};
}

// One transaction: so whatever the trail of an older instance begins with was written by an earlier owner.
void Writer::take_ownership() {
  connection_->run(queries::begin_immediate);
  try {
    if (options_.audit_trail) turn_on_audit_trail(*connection_);
    connection_->run(queries::take_ownership, ::getpid());
    connection_->run(queries::commit);
  } catch (...) {
    static_cast<void>(connection_->roll_back());
    throw;
  }
}

void Writer::load() {
  Use owner = connection_->use(queries::owner);
  if (!owner.step())
    throw Error{Errc::not_a_cairn_file, options_.connection.path + " has lost its owner's row"};
  owner.read(counts_.epoch, counts_.commit_seq, counts_.next_key, counts_.next_event, counts_.last_time);
  workflow_of_version_.clear();
  Use versions = connection_->use(queries::workflow_of_versions);
  while (versions.step()) {
    std::int64_t version = 0;
    std::int64_t workflow = 0;
    versions.read(version, workflow);
    workflow_of_version_.emplace(version, workflow);
  }
}

Ownership Writer::ownership() const {
  const std::lock_guard lock{ownership_mutex_};
  return ownership_;
}

void Writer::publish(const Counts& counts) {
  counts_ = counts;
  const std::lock_guard lock{ownership_mutex_};
  ownership_.commit_seq = counts.commit_seq;
  ownership_.next_key = counts.next_key;
}

// ---------------------------------------------------------------------------------------------------------
// writing

std::vector<Outcome> Writer::apply(std::span<const Change> group, Time now) {
  if (!connection_) {
    const ReadPool::Pause pause{reads_};
    settle();
  }
  // Only in case nobody calls `maintain`.
  if (connection_->log_bytes() > options_.log_bytes_max) tidy_log();
  storage::check_group(group, counts_.next_key, workflow_of_version_);
  Counts counts = counts_;
  std::vector<Outcome> outcomes = write(group, now, counts);
  Versions defined = versions_in(outcomes);  // afterwards nothing may fail any more
  commit(counts.commit_seq);
  publish(counts);
  workflow_of_version_.merge(defined);
  free_pages_wanted_ = free_pages_wanted_ || has_swept(outcomes);
  return outcomes;
}

std::vector<Outcome> Writer::write(std::span<const Change> group, Time now, Counts& counts) {
  std::vector<Outcome> outcomes;
  outcomes.reserve(group.size());
  try {
    connection_->run(queries::begin_immediate);
    Group open{*connection_, instances_, now, epoch_, counts.next_key, counts.next_event};
    for (const Change& any : group) {
      outcomes.push_back(std::visit([&](const auto& change) { return carry_out(open, change); }, any));
    }
    if (connection_->run(queries::close_group, epoch_, open.next_key, open.next_event, now) == 0) {
      throw Error{Errc::file_is_owned, options_.connection.path + " has been taken over by another owner"};
    }
    counts = {epoch_, counts.commit_seq + 1, open.next_key, open.next_event, now};
  } catch (...) {
    instances_.clear();
    if (!connection_->roll_back()) disconnect();
    throw;
  }
  return outcomes;
}

void Writer::commit(std::int64_t commit_seq) {
  try {
    try {
      connection_->run(queries::commit);
    } catch (const SQLite::Exception& failure) {
      instances_.clear();
      resolve(failure, commit_seq);
    }
  } catch (const Error&) {
    throw;
  } catch (...) {
    disconnect();  // no memory; what came of it is found when the log is read anew
    throw;
  }
}

Writer::Versions Writer::versions_in(const std::vector<Outcome>& outcomes) {
  try {
    Versions versions;
    for (const Outcome& outcome : outcomes) {
      if (const auto* defined = std::get_if<Defined>(&outcome))
        versions.emplace(defined->version, defined->workflow);
    }
    return versions;
  } catch (...) {
    instances_.clear();
    if (!connection_->roll_back()) disconnect();
    throw;
  }
}

bool Writer::has_swept(const std::vector<Outcome>& outcomes) {
  return std::any_of(outcomes.begin(), outcomes.end(), [](const Outcome& outcome) {
    const auto* swept = std::get_if<Swept>(&outcome);
    return swept != nullptr && swept->instances > 0;
  });
}

void Writer::remember(std::span<const std::optional<History>> histories) {
  for (const std::optional<History>& history : histories) {
    if (!history || instances_.find(history->row.key) != nullptr) continue;
    const auto buffered = static_cast<std::int64_t>(history->events.size());
    instances_.add({history->row, buffered}).last_started = history->steps.empty()
                                                                ? Sequence{0}
                                                                : history->steps.back().started_seq;
  }
}

// -------------------------------------------------------------------------------------------- when a commit
// has failed

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
  const bool definite = cannot_have_been_written(*connection_, failure) ||
                        is_in_memory(options_.connection.path);
  if (connection_->roll_back() && definite) throw failed;
  const ReadPool::Pause pause{reads_};
  disconnect();
  try {
    settle();
  } catch (const std::exception& second) {
    disconnect();
    throw Error{Errc::outcome_unknown,
                std::string{failed.what()} + "; and reading back failed: " + second.what()};
  }
  if (counts_.commit_seq != commit_seq || counts_.epoch != epoch_) throw failed;
}

// Connects anew, and makes sure that what the log was found to hold is also on disk: after a failed flush the
// kernel may take pages for written that are not. The checkpoint writes them again, elsewhere.
void Writer::settle() {
  try {
    connection_ = std::make_unique<Connection>(options_.connection, Role::writes);
    if (!connection_->checkpoint(true))
      throw Error{Errc::store_failed, "the log is in use by another program"};
    load();
    publish(counts_);
  } catch (...) {
    disconnect();
    throw;
  }
}

void Writer::disconnect() noexcept {
  instances_.clear();
  if (!connection_) return;
  connection_->leave_log_alone(true);
  connection_.reset();
}

// ----------------------------------------------------------------------------------------------------
// house-keeping

bool Writer::maintain(Demand demand) {
  if (!connection_ || is_in_memory(options_.connection.path)) return false;
  try {
    if (tidy_log()) return true;
    // A piece takes some milliseconds, and the next rows may want the pages.
    return free_pages_wanted_ && (demand == Demand::busy || give_back_pages());
  } catch (...) {
    disconnect();
    throw;
  }
}

// One checkpoint when the log has grown by so much, that it is worth its flushes. Whether one was made, or
// begun in the background.
bool Writer::tidy_log() {
  finish_background_checkpoint();
  const std::size_t bytes = connection_->log_bytes();
  if (bytes < log_bytes_at_restart_) log_bytes_at_restart_ = 0;
  // Where readers have just kept it from beginning anew, it grows a while before that is tried again.
  const bool is_held = log_bytes_at_restart_ > 0 && bytes < log_bytes_at_restart_ + options_.checkpoint_bytes;
  if (bytes > options_.log_bytes_max && !is_held) {
    // Readers keep the log from beginning anew; ours are brief and can be held back, others are tried again
    // later.
    const ReadPool::Pause pause{reads_};
    log_bytes_at_restart_ = connection_->checkpoint(true) ? 0 : bytes;
  } else if (!background_.runs() && connection_->unmoved_log_bytes() >= options_.checkpoint_bytes) {
    move_log();
  } else {
    return false;
  }
  free_pages_wanted_ = true;
  return true;
}

void Writer::move_log() {
  if (options_.background_checkpoints) {
    try {
      background_.begin();
      background_log_number_ = connection_->log_number();
      return;
    } catch (const std::system_error&) {
      // Without a thread, commits wait for it.
    }
  }
  connection_->checkpoint(false);
}

// A log that grows without end is slow to read, and takes room. So the rest is moved as well: it is short,
// and the next group begins the log anew.
void Writer::finish_background_checkpoint() {
  const std::optional<std::size_t> moved = background_.take_result();
  if (!moved) return;
  connection_->note_moved(*moved, background_log_number_);
  if (connection_->unmoved_log_bytes() < options_.checkpoint_bytes / 2) connection_->checkpoint(false);
}

// Pages that a sweep has freed are used again by the next rows; a file that has become much too large is cut
// in pieces.
bool Writer::give_back_pages() {
  const std::int64_t free = connection_->number(queries::free_pages);
  const std::int64_t all = connection_->number(queries::pages);
  if (free < free_pages_min || free < all / 8) {
    free_pages_wanted_ = false;
    return false;
  }
  connection_->run(queries::give_back_pages);
  return true;
}

}  // namespace cairn::sqlite
