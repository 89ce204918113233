#include <cairn/detail/body.hpp>
#include <cairn/detail/frame_tree.hpp>

#include <cxxabi.h>

#include <exception>

namespace cairn::detail {

BodyResult result_of_current_exception() {
  BodyResult result;
  result.output.clear();
  try {
    throw;
  } catch (const NonRetryableError& error) {
    result.error = ErrorRecord{error.name(), error.what()};
    result.retryable = false;
  } catch (const StepError& error) {
    result.error = error.record();
  } catch (const InstanceError& error) {
    result.error = ErrorRecord{error.name(), error.what()};
  } catch (const std::exception& error) {
    result.error = ErrorRecord{"Error", error.what()};
  } catch (const abi::__forced_unwind&) {
    throw;
  } catch (...) {
    result.error = ErrorRecord{"Error", "an exception that is no std::exception"};
  }
  return result;
}

void throw_step_error(const ErrorRecord& error) {
  if (error.name == "WorkflowTimeoutError") throw TimeoutError{error};
  throw StepError{error};
}

}  // namespace cairn::detail
