#include "api/requests/account.hpp"

#include <cairn/error.hpp>

#include <algorithm>
#include <limits>
#include <string>

namespace cairn::api {
namespace {

std::size_t counted(std::size_t bytes) noexcept {
  return bytes - std::min(bytes, Share::uncounted_bytes);
}

}  // namespace

bool Account::take(std::size_t bytes) noexcept {
  std::size_t before = bytes_.load(std::memory_order_relaxed);
  do {
    if (before > bytes_max_ || bytes > bytes_max_ - before) return false;
  } while (!bytes_.compare_exchange_weak(before, before + bytes, std::memory_order_relaxed));
  return true;
}

Share& Share::operator=(Share&& other) noexcept {
  if (this == &other) return *this;
  settle(0);
  account_ = std::exchange(other.account_, nullptr);
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
}

bool Share::resize(std::size_t bytes) noexcept {
  const std::size_t more = counted(bytes) - std::min(counted(bytes), counted(bytes_));
  if (account_ != nullptr && more > 0) {
    if (!account_->take(more)) return false;
    bytes_ = bytes;
  }
  settle(bytes);
  return true;
}

void Share::settle(std::size_t bytes) noexcept {
  // Wraps around where it becomes less, as unsigned numbers do.
  if (account_ != nullptr)
    account_->bytes_.fetch_add(counted(bytes) - counted(bytes_), std::memory_order_relaxed);
  bytes_ = bytes;
}

std::size_t Share::bytes_max() const noexcept {
  return account_ != nullptr ? account_->bytes_max() : std::numeric_limits<std::size_t>::max();
}

std::size_t Room::bytes_max() const noexcept {
  return share_.bytes_max() - std::min(share_.bytes_max(), request_bytes_);
}

void Room::make(std::size_t bytes, std::string_view field) {
  if (try_make(bytes)) return;
  if (bytes <= bytes_max()) throw NoRoom{};
  throw Error{Errc::too_large, std::string{field} + ": takes more memory than all requests together may, " +
                                   std::to_string(share_.bytes_max()) + " bytes (bytes_in_flight)"};
}

}  // namespace cairn::api
