#include <cairn/detail/body.hpp>
#include <cairn/detail/caught.hpp>
#include <cairn/detail/frame_tree.hpp>

#include <new>
#include <utility>

namespace cairn::detail {

namespace {

void describe_current_exception(BodyResult& result) {
  try {
    throw;
  } catch (const NonRetryableError& error) {
    result.retryable = false;
    result.error = ErrorRecord{error.name(), what_of(error)};
  } catch (const Error& error) {
    result.retryable = error.code() != Errc::wrong_thread;  // the code is at fault, and will be
    result.error = ErrorRecord{"Error", what_of(error)};
  } catch (const StepError& error) {
    result.error = error.record();
  } catch (const InstanceError& error) {
    result.error = ErrorRecord{error.name(), what_of(error)};
  } catch (...) {
    result.error = ErrorRecord{"Error", what_of_current_exception()};
  }
}

thread_local BodyRun* current_run = nullptr;

}  // namespace

OnBehalfOf::OnBehalfOf(BodyRun* run) noexcept : before_(std::exchange(current_run, run)) {}

OnBehalfOf::~OnBehalfOf() {
  current_run = before_;
}

BodyRun* OnBehalfOf::current() noexcept {
  return current_run;
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

void destroy(std::coroutine_handle<> frame) noexcept {
  contain([&] { frame.destroy(); }, [] {});
}

void throw_step_error(const ErrorRecord& error) {
  if (error.name == "WorkflowTimeoutError") throw TimeoutError{error};
  throw StepError{error};
}

}  // namespace cairn::detail
