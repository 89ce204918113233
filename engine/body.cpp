#include <cairn/detail/body.hpp>
#include <cairn/detail/frame_tree.hpp>

#include <cxxabi.h>

#include <exception>
#include <new>

namespace cairn::detail {

namespace {

void describe_current_exception(BodyResult& result) {
  try {
    throw;
  } catch (const NonRetryableError& error) {
    result.retryable = false;
    result.error = ErrorRecord{error.name(), error.what()};
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
}

}  // namespace

bool is_lack_of_memory(const std::exception_ptr& error) noexcept {
  if (!error) return false;  // an end of the thread
  try {
    std::rethrow_exception(error);
  } catch (const std::bad_alloc&) {
    return true;
  } catch (...) {
    return false;
  }
}

BodyResult result_of_current_exception() {
  BodyResult result;
  result.output.clear();
  try {
    describe_current_exception(result);
  } catch (const std::bad_alloc&) {
    // Short enough to need no memory itself.
    result.error = ErrorRecord{"Error", "out of memory"};
  }
  return result;
}

void throw_step_error(const ErrorRecord& error) {
  if (error.name == "WorkflowTimeoutError") throw TimeoutError{error};
  throw StepError{error};
}

}  // namespace cairn::detail
