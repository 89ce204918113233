#pragma once

#include <cairn/log.hpp>

#include <string_view>

namespace cairn::api {

/// Hands a line to the sink, if there is one; what it throws is swallowed.
inline void write_log(const LogSink& log, LogLevel level, std::string_view line) noexcept {
  if (!log) return;
  try {
    log(level, line);
  } catch (...) {  // a log that fails must not harm what it tells of
  }
}

}  // namespace cairn::api
