#include "storage/sqlite/background_checkpoint.hpp"

#include <chrono>

namespace cairn::sqlite {

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
  connection.checkpoint(false);
  return connection.moved_log_pages();
}

}  // namespace cairn::sqlite
