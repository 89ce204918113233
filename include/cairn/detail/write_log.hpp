#pragma once

#include <cairn/log.hpp>

#include <string_view>

namespace cairn::detail {

/// Hands a line to the sink, if there is one; what it throws is swallowed: a log that fails must not harm
/// what it tells of. Line ends and other control characters, such as those in the text of an exception,
/// become blanks. Not for users.
void write_log(const LogSink& sink, LogLevel level, std::string_view line) noexcept;

}  // namespace cairn::detail
