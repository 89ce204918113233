#include "engine/conductor/outage_log.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace cairn::engine {

namespace {

constexpr Duration again_after = std::chrono::minutes{1};
constexpr std::size_t lines_max = 8;  // in that time

}  // namespace

bool OutageLog::has_room(Duration uptime) {
  std::erase_if(lines_, [&](const Line& line) { return uptime - line.uptime >= again_after; });
  return lines_.size() < lines_max;
}

std::optional<std::string> OutageLog::failed(Call call, const std::string& why, Duration uptime) {
  fails_to_write_ = fails_to_write_ || call == Call::write;
  if (!has_room(uptime)) return std::nullopt;
  const bool is_told = std::any_of(lines_.begin(), lines_.end(),
                                   [&](const Line& line) { return line.why == why; });
  if (fails_ && is_told) return std::nullopt;
  std::string line = fails_text_ + why;
  lines_.push_back({why, uptime});
  fails_ = true;
  return line;
}

std::optional<std::string> OutageLog::worked(Call call, Duration uptime) {
  if (call == Call::read && fails_to_write_) return std::nullopt;
  fails_to_write_ = false;
  if (!fails_ || !has_room(uptime)) return std::nullopt;
  std::string line = works_text_;
  lines_.push_back({{}, uptime});
  fails_ = false;
  return line;
}

}  // namespace cairn::engine
