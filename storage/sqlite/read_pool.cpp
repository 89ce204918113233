#include "storage/sqlite/read_pool.hpp"

#include <exception>
#include <utility>

namespace cairn::sqlite {

ReadPool::Lease::Lease(ReadPool& pool, std::unique_ptr<Connection> connection)
    : pool_{pool}, connection_{std::move(connection)}, exceptions_{std::uncaught_exceptions()} {}

ReadPool::Lease::~Lease() {
  if (std::uncaught_exceptions() > exceptions_) connection_.reset();
  pool_.give_back(std::move(connection_));
}

ReadPool::Lease ReadPool::lease() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return !paused_; });
  return Lease{*this, take(std::move(lock))};
}

std::optional<ReadPool::Lease> ReadPool::try_lease() {
  std::unique_lock lock{mutex_};
  if (paused_) return std::nullopt;
  return std::optional<Lease>{std::in_place, *this, take(std::move(lock))};
}

// For one lease more.
std::unique_ptr<Connection> ReadPool::take(std::unique_lock<std::mutex> lock) {
  std::unique_ptr<Connection> connection;
  ++leased_;
  if (!free_.empty()) {
    connection = std::move(free_.back());
    free_.pop_back();
  }
  lock.unlock();
  try {
    if (!connection) connection = connect();
  } catch (...) {
    give_back(nullptr);
    throw;
  }
  return connection;
}

std::unique_ptr<Connection> ReadPool::connect() const {
  auto connection = std::make_unique<Connection>(options_, Role::reads);
  const FileChange change = watch_ == nullptr ? FileChange::none : watch_->look();
  // A log that was removed has been moved into the file.
  if (change != FileChange::none && change != FileChange::log_removed)
    throw Error{Errc::store_failed, options_.path + " was changed while it was open"};
  return connection;
}

void ReadPool::give_back(std::unique_ptr<Connection> connection) noexcept {
  {
    const std::lock_guard lock{mutex_};
    // Room was made when the pool was: a free place costs no allocation that could fail here.
    if (connection && !paused_ && free_.size() < kept_max) free_.push_back(std::move(connection));
  }
  // Closed outside of the lock, but before the lease counts as ended.
  connection.reset();
  const std::lock_guard lock{mutex_};
  --leased_;
  changed_.tell_all();
}

std::optional<Complaint> ReadPool::complaint(std::chrono::steady_clock::time_point now) const {
  const std::lock_guard lock{mutex_};
  if (!paused_ || now - paused_since_ < std::chrono::minutes{1}) return std::nullopt;
  return Complaint{.state = HealthState::failed,
                   .code = "store_failing",
                   .message = "the store has let nobody read for more than a minute"};
}

ReadPool::Visit::Visit(ReadPool& pool) : pool_{pool} {
  const std::lock_guard lock{pool_.mutex_};
  ++pool_.leased_;
}

ReadPool::Visit::~Visit() {
  pool_.give_back(nullptr);
}

ReadPool::Pause::Pause(ReadPool& pool) : pool_{pool} {
  std::unique_lock lock{pool_.mutex_};
  pool_.paused_ = true;
  pool_.paused_since_ = std::chrono::steady_clock::now();
  pool_.changed_.wait(lock, [&] { return pool_.leased_ == 0; });
  pool_.free_.clear();
}

ReadPool::Pause::~Pause() {
  const std::lock_guard lock{pool_.mutex_};
  pool_.paused_ = false;
  pool_.changed_.tell_all();
}

}  // namespace cairn::sqlite
