#include "engine/ended.hpp"

namespace cairn::engine {

detail::Ended terminated_end() {
  return {.status = Status::terminated, .error = {"WorkflowTerminated", "the instance was terminated"}};
}

detail::Ended end_of(const History& history) {
  if (history.row.status == Status::terminated) return terminated_end();
  return {history.row.status, history.output, history.error.value_or(ErrorRecord{})};
}

}  // namespace cairn::engine
