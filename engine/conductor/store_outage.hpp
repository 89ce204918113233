#pragma once

#include "engine/conductor/messages.hpp"
#include "engine/conductor/outage_log.hpp"

#include <cairn/error.hpp>
#include <cairn/time.hpp>

#include <optional>

namespace cairn::engine {

/// Whether the store works: since when it does not, when it is asked again, and what the log is told of both.
/// A plain object; no thread, no clock. A line without memory for it is lost: the health has it all.
class StoreOutage {
 public:
  using Call = OutageLog::Call;

  /// What is wrong; nothing when the store worked the last time.
  [[nodiscard]] const std::optional<Outage>& current() const noexcept { return current_; }
  /// Until when nothing is asked of it, by uptime, which does not leap; nothing: it may be asked.
  [[nodiscard]] std::optional<Duration> rests_until() const noexcept { return rests_until_; }
  [[nodiscard]] bool rests() const noexcept { return rests_until_.has_value(); }

  [[nodiscard]] std::optional<LogLine> note_failure(Call call, const Error& error, Time now, Duration uptime);
  /// It is asked again after a while, the longer the more often it has failed in a row.
  void rest(Duration uptime) noexcept;
  /// Whether the while is over.
  [[nodiscard]] bool end_rest(Duration uptime) noexcept;

  /// It works, unless something else of this turn has failed.
  void note_answer() noexcept {
    if (!rests()) current_.reset();
  }
  /// The reads of a turn are done.
  [[nodiscard]] std::optional<LogLine> note_reads(Duration uptime) noexcept;
  [[nodiscard]] std::optional<LogLine> note_commit(Duration uptime) noexcept;

 private:
  [[nodiscard]] std::optional<LogLine> tell_success(Call call, Duration uptime) noexcept;

  std::optional<Outage> current_;
  std::optional<Duration> rests_until_;
  Duration rest_ = {};
  OutageLog log_{"the store failed: ", "the store works again"};
};

}  // namespace cairn::engine
