// The writer between two groups: checkpoints, and space that is given back.

#include "storage/sqlite/queries.hpp"
#include "storage/sqlite/writer.hpp"

#include <chrono>
#include <exception>
#include <system_error>
#include <utility>

namespace cairn::sqlite {

namespace {

constexpr Duration patience = std::chrono::milliseconds{5};

}  // namespace

bool Writer::maintain(Demand demand) {
  if (file_ == nullptr || (!connected() && !upkeep_failure_)) return false;
  bool more = false;
  try {
    if (demand == Demand::quiet && upkeep_failure_) try_again();
    if (connected()) more = tidy_log();
    if (!more && demand == Demand::busy) more = free_pages_wanted_ || file_is_long_;
    if (!more && demand == Demand::quiet && connected()) more = give_back_space();
    const bool wants_result = demand == Demand::quiet && upkeep_failure_;
    if (wants_result && background_.is_done_within(patience)) finish_background_checkpoint();
  } catch (...) {
    upkeep_failure_ = std::current_exception();
    give_up();
    throw;
  }
  if (upkeep_failure_) std::rethrow_exception(upkeep_failure_);
  return more;
}

// What has failed, on a file to which nobody writes: else it would be told until the log has grown, which may
// be for days.
void Writer::try_again() {
  unmoved_at_standstill_ = 0;
  if (connected() || look() != FileChange::none) return;
  const ReadPool::Pause pause{reads_};
  settle();
}

// One checkpoint when the log has grown by so much, that it is worth its flushes. Whether it got on, or has
// begun in the background: one that readers keep from doing anything is not repeated at once.
bool Writer::tidy_log() {
  finish_background_checkpoint();
  if (!connected()) return false;
  const std::size_t bytes = connection_->log_bytes();
  if (bytes < log_bytes_at_restart_) log_bytes_at_restart_ = 0;
  // Where readers have just kept it from beginning anew, it grows a while before that is tried again.
  const bool is_held = log_bytes_at_restart_ > 0 && bytes < log_bytes_at_restart_ + options_.checkpoint_bytes;
  const bool empties = bytes > options_.log_bytes_max && !is_held;
  // One that has failed, or that a reader of another program has kept from moving anything, is not tried
  // again before the log has grown.
  const std::size_t unmoved = connection_->unmoved_log_bytes();
  if (unmoved < unmoved_at_standstill_) unmoved_at_standstill_ = 0;
  const bool moves = !background_.runs() && unmoved >= unmoved_at_standstill_ + options_.checkpoint_bytes;
  // What somebody else has changed is not put together with the log; the next group says so.
  if ((!empties && !moves) || look() != FileChange::none) return false;
  if (empties) {
    // Readers keep the log from beginning anew; ours are brief and can be held back, others are tried again
    // later.
    const ReadPool::Pause pause{reads_};
    log_bytes_at_restart_ = checkpoint(true) ? 0 : bytes;
  } else {
    move_log();
  }
  free_pages_wanted_ = true;
  return background_.runs() || connection_->unmoved_log_bytes() < unmoved;
}

bool Writer::checkpoint(bool empty) {
  const FileWatch::Writing writing{watch_};
  const std::size_t unmoved = connection_->unmoved_log_bytes();
  const bool is_whole = connection_->checkpoint(empty);
  watch_->expect_log(connection_->log());
  upkeep_failure_ = nullptr;
  note_progress(connection_->unmoved_log_bytes() < unmoved);
  if (is_whole) file_is_long_ = false;
  return is_whole;
}

// Of a checkpoint, wherever it was made. Of less than is moved at once, there is nothing to be said.
void Writer::note_progress(bool got_on) {
  const std::size_t unmoved = connection_->unmoved_log_bytes();
  unmoved_at_standstill_ = got_on || unmoved < options_.checkpoint_bytes ? 0 : unmoved;
}

void Writer::move_log() {
  if (options_.background_checkpoints) {
    try {
      moving_.emplace(watch_);
      moved_at_begin_ = connection_->log().moved;
      background_.begin();
      background_log_number_ = connection_->log().number;
      return;
    } catch (const std::system_error&) {
      moving_.reset();  // without a thread, commits wait for it
    } catch (...) {
      moving_.reset();
      throw;
    }
  }
  checkpoint(false);
}

// A log that grows without end is slow to read, and takes room. So the rest is moved as well: it is short,
// and the next group begins the log anew.
void Writer::finish_background_checkpoint() {
  if (!background_.is_done()) return;
  moving_.reset();
  take_background_result();
  if (upkeep_failure_) return;
  watch_->expect_log(connection_->log());
  if (connection_->unmoved_log_bytes() < options_.checkpoint_bytes / 2 && look() == FileChange::none)
    checkpoint(false);
}

// It had a connection of its own, and where it failed, it has left the log as it was: the next group can be
// written. Only a file that could not be flushed is in doubt.
void Writer::take_background_result() {
  try {
    const std::optional<std::size_t> moved = background_.take_result();
    if (moved) connection_->note_moved(*moved, background_log_number_);
    upkeep_failure_ = nullptr;
    note_progress(moved && *moved > moved_at_begin_);
  } catch (...) {
    upkeep_failure_ = std::current_exception();
    note_progress(false);
    if (background_.is_in_doubt()) give_up();
  }
}

// When all is quiet. Whether there is more to do.
bool Writer::give_back_space() {
  if (free_pages_wanted_ && give_back_pages()) return true;
  return file_is_long_ && cut_file();
}

// Pages that a sweep has freed are used again by the next rows; a file that has become much too large is made
// shorter in pieces. A piece takes some milliseconds.
bool Writer::give_back_pages() {
  const std::int64_t free = connection_->number(queries::free_pages);
  const std::int64_t all = connection_->number(queries::pages);
  if (free < free_pages_min || free < all / 8) {
    free_pages_wanted_ = false;
    return false;
  }
  connection_->run(queries::give_back_pages);
  expect_shorter_database();
  // A file that somebody else has put together anew may lack what is needed to move its pages.
  if (connection_->number(queries::free_pages) >= free) {
    free_pages_wanted_ = false;
    return false;
  }
  file_is_long_ = true;
  return true;
}

void Writer::expect_shorter_database() {
  if (watch_ != nullptr)
    watch_->expect_database(static_cast<std::size_t>(connection_->number(queries::pages)));
}

// So far that stands in the log alone. The checkpoint that comes to its end cuts the file. While another
// program reads, it cannot; that is tried again when there was another group.
bool Writer::cut_file() {
  if (background_.runs()) {
    static_cast<void>(background_.is_done_within(patience));
    return true;
  }
  if (look() == FileChange::none) checkpoint(false);
  return false;
}

}  // namespace cairn::sqlite
