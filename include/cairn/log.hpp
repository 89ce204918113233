#pragma once

#include <functional>
#include <string_view>

namespace cairn {

enum class LogLevel { debug, info, warning, error };

[[nodiscard]] std::string_view to_string(LogLevel level) noexcept;

/// Receives one line without its line end, in UTF-8. Called from several threads at once, never with a lock
/// held: it may call the engine, but not destroy it. What it throws is swallowed. An empty sink: cairn is
/// silent.
using LogSink = std::function<void(LogLevel level, std::string_view line)>;

}  // namespace cairn
