#include <cairn/detail/caught.hpp>
#include <cairn/detail/write_log.hpp>
#include <cairn/log.hpp>

#include <algorithm>
#include <string>

namespace cairn {

namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

void detail::write_log(const LogSink& sink, LogLevel level, std::string_view line) noexcept {
  if (!sink) return;
  const auto write = [&] {
    if (std::none_of(line.begin(), line.end(), is_control)) return sink(level, line);
    std::string blanked{line};
    std::replace_if(blanked.begin(), blanked.end(), is_control, ' ');
    sink(level, blanked);
  };
  contain(write, [] {});
}

std::string_view to_string(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "unknown";
}

}  // namespace cairn
