#include <cairn/context.hpp>
#include <cairn/id.hpp>

namespace cairn {

Step<void> Context::sleep(std::string_view name, Duration duration) {
  detail::StepCall call{.kind = StepKind::sleep, .name = std::string{name}, .span = duration};
  return {*tree_, std::move(call), nullptr};
}

Step<void> Context::sleep_until(std::string_view name, Time time) {
  detail::StepCall call{.kind = StepKind::sleep, .name = std::string{name}, .until = time};
  return {*tree_, std::move(call), nullptr};
}

Step<Event> Context::wait_for_event(std::string_view name, const EventOptions& options) {
  detail::StepCall call{.kind = StepKind::wait_for_event, .name = std::string{name}, .span = options.timeout};
  call.event_type = options.type;
  return {*tree_, std::move(call), std::make_shared<detail::NoBody<Event>>()};
}

}  // namespace cairn
