#include "engine/conductor/ended.hpp"

namespace cairn::engine {

detail::Ended terminated_end() {
  return {.status = Status::terminated, .error = {"WorkflowTerminated", "the instance was terminated"}};
}

detail::Ended end_of(const History& history) {
  if (history.row.status == Status::terminated) return terminated_end();
  return {history.row.status, history.output, history.error.value_or(ErrorRecord{})};
}

bool says(const std::exception_ptr& error, Errc code) {
  try {
    if (error) std::rethrow_exception(error);
  } catch (const Error& found) {
    return found.code() == code;
  } catch (...) {
    return false;
  }
  return false;
}

}  // namespace cairn::engine
