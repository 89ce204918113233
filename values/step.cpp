#include <cairn/step.hpp>

namespace cairn {

std::string_view to_string(StepKind kind) noexcept {
  switch (kind) {
    case StepKind::step:
      return "step";
    case StepKind::sleep:
      return "sleep";
    case StepKind::wait_for_event:
      return "waitForEvent";
  }
  return "unknown";
}

std::string_view to_string(Backoff backoff) noexcept {
  switch (backoff) {
    case Backoff::constant:
      return "constant";
    case Backoff::linear:
      return "linear";
    case Backoff::exponential:
      return "exponential";
  }
  return "unknown";
}

}  // namespace cairn
