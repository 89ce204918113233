#include "storage/sqlite/background_checkpoint.hpp"

#include "storage/sqlite/queries.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace cairn::sqlite {

void BackgroundCheckpoint::begin() {
  // From now on, not from when the thread runs: whoever pauses the pool to make a checkpoint waits for this
  // one.
  auto visit = std::make_shared<const ReadPool::Visit>(pool_);
  in_doubt_ = false;
  moved_ = std::async(std::launch::async, [this, visit = std::move(visit)]() mutable {
    const auto until_the_end = std::move(visit);  // the function object itself lives as long as the result
    return run();
  });
}

bool BackgroundCheckpoint::is_done() const {
  return is_done_within(Duration{0});
}

bool BackgroundCheckpoint::is_done_within(Duration patience) const {
  return moved_.valid() && moved_.wait_for(patience) == std::future_status::ready;
}

std::optional<std::size_t> BackgroundCheckpoint::take_result() {
  if (!is_done()) return std::nullopt;
  return moved_.get();
}

void BackgroundCheckpoint::forget() noexcept {
  moved_ = {};
}

std::size_t BackgroundCheckpoint::run() {
  // SQLite before 3.51.3 can take pages for moved that are not, when one connection makes a checkpoint while
  // another begins the log anew (sqlite.org/wal.html, "The WAL-Reset Bug"). A read that began while the log
  // was not in the file as a whole keeps it from beginning anew, so this one spans the whole checkpoint.
  Connection pin{options_, Role::reads};
  const Snapshot snapshot{pin};
  static_cast<void>(pin.number(queries::owner));  // a snapshot begins with its first read

  Connection connection{options_, Role::writes};
  connection.leave_log_alone(true);
  connection.checkpoint(false);
  // Else whoever moves the rest waits for these pages as well, and a commit waits for that.
  in_doubt_ = true;
  connection.flush_file();
  in_doubt_ = false;
  return connection.log().moved;
}

}  // namespace cairn::sqlite
