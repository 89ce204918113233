// The writer between two groups: checkpoints, and space that is given back.

#include "storage/sqlite/queries.hpp"
#include "storage/sqlite/writer.hpp"

#include <system_error>

namespace cairn::sqlite {

bool Writer::maintain(Demand demand) {
  if (file_ == nullptr || !connected()) return false;
  try {
    if (tidy_log()) return true;
    // A piece takes some milliseconds, and the next rows may want the pages.
    return free_pages_wanted_ && (demand == Demand::busy || give_back_pages());
  } catch (...) {
    give_up();
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
  const bool empties = bytes > options_.log_bytes_max && !is_held;
  const bool moves = !background_.runs() && connection_->unmoved_log_bytes() >= options_.checkpoint_bytes;
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
  return true;
}

bool Writer::checkpoint(bool empty) {
  const FileWatch::Writing writing{watch_};
  const bool is_whole = connection_->checkpoint(empty);
  watch_->expect_log(connection_->log());
  return is_whole;
}

void Writer::move_log() {
  if (options_.background_checkpoints) {
    try {
      moving_.emplace(watch_);
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
  const std::optional<std::size_t> moved = background_.take_result();
  if (!moved) return;
  connection_->note_moved(*moved, background_log_number_);
  watch_->expect_log(connection_->log());
  if (connection_->unmoved_log_bytes() < options_.checkpoint_bytes / 2 && look() == FileChange::none)
    checkpoint(false);
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
