#include "engine/conductor/store_outage.hpp"

#include <cairn/detail/caught.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace cairn::engine {

namespace {

constexpr Duration first_rest = std::chrono::milliseconds{100};
constexpr Duration longest_rest = std::chrono::seconds{5};

}  // namespace

std::optional<LogLine> StoreOutage::note_failure(Call call, const Error& error, Time now, Duration uptime) {
  current_ = Outage{current_ ? current_->since : now, error.code(), detail::what_of(error)};
  try {
    if (std::optional<std::string> line = log_.failed(call, current_->message, uptime))
      return LogLine{LogLevel::error, *std::move(line)};
  } catch (const std::exception&) {
    return std::nullopt;
  }
  return std::nullopt;
}

void StoreOutage::rest(Duration uptime) noexcept {
  rest_ = std::clamp(rest_ * 2, first_rest, longest_rest);
  rests_until_ = uptime + rest_;
}

bool StoreOutage::end_rest(Duration uptime) noexcept {
  if (uptime < *rests_until_) return false;
  rests_until_.reset();
  return true;
}

std::optional<LogLine> StoreOutage::note_reads(Duration uptime) noexcept {
  return current_ ? std::nullopt : tell_success(Call::read, uptime);
}

std::optional<LogLine> StoreOutage::note_commit(Duration uptime) noexcept {
  rest_ = {};
  current_.reset();
  return tell_success(Call::write, uptime);
}

std::optional<LogLine> StoreOutage::tell_success(Call call, Duration uptime) noexcept {
  if (!log_.awaits_success()) return std::nullopt;
  try {
    if (std::optional<std::string> line = log_.worked(call, uptime))
      return LogLine{LogLevel::info, *std::move(line)};
  } catch (const std::exception&) {
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace cairn::engine
