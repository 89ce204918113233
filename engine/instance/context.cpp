#include "engine/instance/workflow_code.hpp"

#include <cairn/context.hpp>

#include <utility>

namespace cairn {

detail::StepCall Context::new_call(StepKind kind, std::string_view name) {
  engine::WorkflowCode::require_here(name);
  return {.kind = kind, .name = std::string{name}};
}

Step<void> Context::sleep(std::string_view name, Duration duration) {
  detail::StepCall call = new_call(StepKind::sleep, name);
  call.span = duration;
  return {*tree_, std::move(call), nullptr};
}

Step<void> Context::sleep_until(std::string_view name, Time time) {
  detail::StepCall call = new_call(StepKind::sleep, name);
  call.until = time;
  return {*tree_, std::move(call), nullptr};
}

Step<Event> Context::wait_for_event(std::string_view name, const EventOptions& options) {
  detail::StepCall call = new_call(StepKind::wait_for_event, name);
  call.span = options.timeout;
  call.event_type = options.type;
  return {*tree_, std::move(call), std::make_shared<detail::NoBody<Event>>()};
}

}  // namespace cairn
