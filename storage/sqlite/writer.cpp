#include "storage/sqlite/writer.hpp"

#include "storage/preconditions.hpp"
#include "storage/sqlite/audit_trail.hpp"
#include "storage/sqlite/errors.hpp"
#include "storage/sqlite/file_check.hpp"
#include "storage/sqlite/group.hpp"
#include "storage/sqlite/migrate.hpp"
#include "storage/sqlite/os/processes.hpp"
#include "storage/sqlite/queries.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace cairn::sqlite {

// ---------------------------------------------------------------------------------------------------------
// opening

Writer::Writer(WriterOptions options, ReadPool& reads, LiveFile* file)
    : options_{std::move(options)},
      reads_{reads},
      file_{file},
      watch_{file == nullptr ? nullptr : &file->watch},
      rescue_{options_.connection.path},
      background_{options_.connection, reads} {
  connection_ = std::make_unique<Connection>(options_.connection, Role::writes);
  if (file_ != nullptr) {
    check_opened(*connection_, options_.connection.path);
    require_group(*connection_, options_.connection.path, file_->required,
                  OpenFiles::of_this_process().lock());
    connection_->leave_log_alone(false);
  }
  migrate(*connection_);
  take_ownership();
  load();
  clocks_ = storage::Clocks{clocks_.state()};
  epoch_ = counts_.epoch;
  moves_from_ = clocks_.moves_from();
  ownership_ = {.epoch = counts_.epoch,
                .commit_seq = counts_.commit_seq,
                .next_key = counts_.next_key,
                .last_time = counts_.last_time,
                .clock = clocks_.number(),
                .clock_doubtful = clocks_.state().doubtful_since.has_value(),
                .believed_until = clocks_.state().believed_until};
  if (file_ != nullptr) watch();
  is_fit_ = true;
}

// One transaction: so whatever the trail of an older instance begins with was written by an earlier owner.
void Writer::take_ownership() {
  connection_->run(queries::begin_immediate);
  try {
    if (options_.audit_trail) turn_on_audit_trail(*connection_);
    connection_->run(queries::take_ownership, os::process_number());
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
  clocks_.read_again(read_clocks(*connection_));
  workflow_of_version_.clear();
  Use versions = connection_->use(queries::workflow_of_versions);
  while (versions.step()) {
    std::int64_t version = 0;
    std::int64_t workflow = 0;
    versions.read(version, workflow);
    workflow_of_version_.emplace(version, workflow);
  }
}

// From here on nobody takes the file for one that is left alone, or changes it unseen.
void Writer::watch() {
  file_->locks.take();
  watch_->begin(static_cast<std::size_t>(connection_->pragma("page_size")),
                static_cast<std::size_t>(connection_->number(queries::root_of_owner)));
  expect_shorter_database();
  watch_->expect_log(connection_->log());
  acknowledged_ = counts_.commit_seq;
  file_->lock.leave({.state = FileMark::State::open, .group = acknowledged_}, true);
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
  now_ = now;
  require_unchanged(Errc::store_failed);
  // Only in case nobody calls `maintain`.
  if (connected() && connection_->log_bytes() > options_.log_bytes_max) tidy_log();
  if (!connected()) {
    const ReadPool::Pause pause{reads_};
    settle();
  }
  storage::check_group(group, counts_.next_key, workflow_of_version_);
  Counts counts = counts_;
  storage::Clocks clocks = clocks_;
  ExpirySearch expiry_search = expiry_search_;
  std::vector<Outcome> outcomes = write(group, now, counts, clocks, expiry_search);
  Versions defined = versions_in(outcomes);  // afterwards nothing of ours may fail any more
  commit(counts.commit_seq);
  publish(counts);
  clocks_ = std::move(clocks);
  expiry_search_ = std::move(expiry_search);
  workflow_of_version_.merge(defined);
  free_pages_wanted_ = free_pages_wanted_ || has_swept(outcomes);
  acknowledge();
  return outcomes;
}

std::vector<Outcome> Writer::write(std::span<const Change> group, Time now, Counts& counts,
                                   storage::Clocks& clocks, ExpirySearch& expiry_search) {
  std::vector<Outcome> outcomes;
  outcomes.reserve(group.size());
  try {
    connection_->run(queries::begin_immediate);
    Group open{.connection = *connection_,
               .instances = instances_,
               .clocks = clocks,
               .expiry_search = expiry_search,
               .now = now,
               .last_time = counts.last_time,
               .epoch = epoch_,
               .next_key = counts.next_key,
               .next_event = counts.next_event};
    storage::GroupTime time{group, clocks.number(), now};
    for (const Change& any : group) {
      open.now = time.now();
      outcomes.push_back(std::visit([&](const auto& change) { return carry_out(open, change); }, any));
      time.pass(any);
    }
    if (connection_->run(queries::close_group, epoch_, open.next_key, open.next_event, now) == 0) {
      throw Error{Errc::file_is_owned, options_.connection.path + " has been taken over by another owner"};
    }
    counts = {epoch_, counts.commit_seq + 1, open.next_key, open.next_event, now};
  } catch (const SQLite::Exception& failure) {
    instances_.clear();
    // SQLite opens a log or an index for reading alone that it cannot open for writing, be it for this once,
    // and says so only here.
    const bool may_last = failure.getErrorCode() == SQLITE_READONLY;
    if (!connection_->roll_back() || may_last) give_up();
    throw;
  } catch (...) {
    instances_.clear();
    if (!connection_->roll_back()) give_up();
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
    give_up();  // no memory; what came of it is found when the log is read anew
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
    if (!connection_->roll_back()) give_up();
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
  // A history does not say by which clock its row was written.
  if (!clocks_.leaps().empty()) return;
  for (const std::optional<History>& history : histories) {
    if (!history || instances_.find(history->row.key) != nullptr) continue;
    const auto buffered = static_cast<std::int64_t>(history->events.size());
    instances_.add({history->row, buffered}).last_started = history->steps.empty()
                                                                ? Sequence{0}
                                                                : history->steps.back().started_seq;
  }
}

}  // namespace cairn::sqlite
