#pragma once

#include <cairn/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cairn::engine {

/// What the log is told of what fails, however often it is tried: when it begins to, each other reason, both
/// again every minute while it lasts, and when it is over. No more than a few lines a minute in
/// all, so an end that comes too early for one is told later, if it still is one.
class OutageLog {
 public:
  enum class Call : std::uint8_t { read, write };

  /// How its lines begin, before the reason, and what it says at the end. Texts of the program.
  OutageLog(const char* fails, const char* works) : fails_text_(fails), works_text_(works) {}

  /// The line for the log, if there is to be one. By the clock that never leaps.
  [[nodiscard]] std::optional<std::string> failed(Call call, const std::string& why, Duration uptime);
  /// The same. After a write that failed only a write says that it is over: all can be read from a full disk.
  [[nodiscard]] std::optional<std::string> worked(Call call, Duration uptime);
  /// Whether `worked` is worth a call.
  [[nodiscard]] bool awaits_success() const noexcept { return fails_ || fails_to_write_; }

 private:
  struct Line {
    std::string why;  // empty: it works again
    Duration uptime = {};
  };
  bool has_room(Duration uptime);

  const char* fails_text_;
  const char* works_text_;
  std::vector<Line> lines_;  // of the last minute
  bool fails_ = false;       // as the log was told
  bool fails_to_write_ = false;
};

}  // namespace cairn::engine
