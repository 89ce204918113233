#include <cairn/duration.hpp>
#include <cairn/error.hpp>
#include <cairn/retention.hpp>

#include <string>

namespace cairn {
namespace {

void check_span(const std::optional<Duration>& span, std::string_view field, std::string_view name) {
  if (!span || (*span >= Duration{1} && *span <= duration_max)) return;
  std::string message{field};
  if (!field.empty()) message += '.';
  message += name;
  message += ": must be at least 1 ms and at most " + to_string(duration_max) + "; got " + to_string(*span);
  throw Error{Errc::invalid_argument, message};
}

}  // namespace

void check_retention(const Retention& retention, std::string_view field) {
  check_span(retention.success, field, "success_retention");
  check_span(retention.error, field, "error_retention");
}

}  // namespace cairn
