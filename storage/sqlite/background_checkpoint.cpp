#include "storage/sqlite/background_checkpoint.hpp"

#include <algorithm>
#include <chrono>

namespace cairn::sqlite {
namespace {

constexpr int rounds_max = 4;
constexpr std::size_t short_round = 64;  // pages

}  // namespace

void BackgroundCheckpoint::begin() {
  moved_ = std::async(std::launch::async, [this] { return run(); });
}

std::optional<std::size_t> BackgroundCheckpoint::take_result() {
  if (!moved_.valid() || moved_.wait_for(std::chrono::seconds{0}) != std::future_status::ready)
    return std::nullopt;
  return moved_.get();
}

std::size_t BackgroundCheckpoint::run() const {
  const ReadPool::Visit visit{pool_};
  if (!visit.admitted()) return 0;
  Connection connection{options_, Role::writes};
  connection.leave_log_alone(true);
  // What was written during one round is the next one's: it gets shorter until it is what two flushes take.
  std::size_t moved = 0;
  for (int round = 0; round < rounds_max; ++round) {
    connection.checkpoint(false);
    const std::size_t pages = connection.moved_log_pages() - std::min(moved, connection.moved_log_pages());
    moved = connection.moved_log_pages();
    if (pages < short_round) break;
  }
  return moved;
}

}  // namespace cairn::sqlite
