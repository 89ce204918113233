#include <cairn/error.hpp>

#include <utility>

namespace cairn {

std::string_view to_string(Errc code) noexcept {
  switch (code) {
    case Errc::internal:
      return "internal";
    case Errc::invalid_argument:
      return "invalid_argument";
    case Errc::workflow_not_found:
      return "workflow_not_found";
    case Errc::instance_not_found:
      return "instance_not_found";
    case Errc::cannot_terminate:
      return "cannot_terminate";
    case Errc::cannot_pause:
      return "cannot_pause";
    case Errc::cannot_resume:
      return "cannot_resume";
    case Errc::cannot_restart:
      return "cannot_restart";
    case Errc::instance_already_exists:
      return "instance_already_exists";
    case Errc::cannot_send_event:
      return "cannot_send_event";
    case Errc::duplicate_in_batch:
      return "duplicate_in_batch";
    case Errc::too_large:
      return "too_large";
    case Errc::wrong_thread:
      return "wrong_thread";
    case Errc::engine_stopped:
      return "engine_stopped";
    case Errc::store_failed:
      return "store_failed";
    case Errc::outcome_unknown:
      return "outcome_unknown";
    case Errc::not_a_cairn_file:
      return "not_a_cairn_file";
    case Errc::file_is_newer:
      return "file_is_newer";
    case Errc::file_is_read_only:
      return "file_is_read_only";
    case Errc::file_is_owned:
      return "file_is_owned";
    case Errc::timed_out:
      return "timed_out";
    case Errc::workflow_conflict:
      return "workflow_conflict";
    case Errc::clock_unconfirmed:
      return "clock_unconfirmed";
    case Errc::cancelled:
      return "cancelled";
  }
  return "unknown";
}

namespace {

ErrorRecord fit(ErrorRecord error) {
  return {error_text(std::move(error.name)), error_text(std::move(error.message))};
}

}  // namespace

RecordedError::RecordedError(ErrorRecord error) : record_(fit(std::move(error))) {}

Error::Error(Errc code, const std::string& message) : std::runtime_error(error_text(message)), code_(code) {}

UnknownOutcome::UnknownOutcome(const std::string& message, std::vector<std::string> ids)
    : Error(Errc::outcome_unknown, message),
      ids_(std::make_shared<const std::vector<std::string>>(std::move(ids))) {}

InstanceError::InstanceError(Status status, ErrorRecord error)
    : std::runtime_error(error_text(error.message)), status_(status), error_(fit(std::move(error))) {}

StepError::StepError(ErrorRecord error)
    : std::runtime_error(error_text(error.message)), error_(fit(std::move(error))) {}

NonRetryableError::NonRetryableError(const std::string& message, std::string name)
    : std::runtime_error(error_text(message)), name_(error_text(std::move(name))) {}

}  // namespace cairn
