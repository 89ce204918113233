#include "api/requests/failure.hpp"

#include "api/requests/envelope.hpp"

#include <cairn/detail/caught.hpp>

#include <utility>

namespace cairn::api {
namespace {

// What the caller of an internal error learns; the rest is in the log.
std::string_view public_detail(Errc code) noexcept {
  switch (code) {
    case Errc::store_failed:
      return "the store could not read or write; what was asked did not happen";
    case Errc::file_is_owned:
      return "another engine has taken over the store; what was asked did not happen";
    case Errc::file_is_read_only:
      return "the store cannot be written; what was asked did not happen";
    default:
      return "a fault inside the server";
  }
}

int code_on_wire(Errc code) noexcept {
  switch (code) {
    case Errc::wrong_thread:
    case Errc::not_a_cairn_file:
    case Errc::file_is_newer:
      return static_cast<int>(Errc::internal);
    default:
      return static_cast<int>(code);
  }
}

std::string message_of(std::string_view name, std::string_view detail) {
  std::string message = "workflows.api.error.";
  message += name;
  message += ": ";
  message += detail;
  return message;
}

}  // namespace

Response refusal(int status, std::string_view name, std::string_view detail) {
  return failure(status, code_of_status(status), message_of(name, detail));
}

Response busy(std::string_view detail) {
  Response response = refusal(503, "busy", detail);
  response.headers.push_back({"Retry-After", "1"});
  return response;
}

int status_of(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_argument:
      return 400;
    case Errc::workflow_not_found:
    case Errc::instance_not_found:
      return 404;
    case Errc::cannot_terminate:
    case Errc::cannot_pause:
    case Errc::cannot_resume:
    case Errc::cannot_restart:
    case Errc::instance_already_exists:
    case Errc::cannot_send_event:
    case Errc::duplicate_in_batch:
    case Errc::workflow_conflict:
      return 409;
    case Errc::too_large:
      return 413;
    case Errc::engine_stopped:
    case Errc::store_failed:
    case Errc::file_is_read_only:
    case Errc::file_is_owned:
    case Errc::clock_unconfirmed:
    case Errc::cancelled:
      return 503;
    case Errc::timed_out:
      return 504;
    case Errc::internal:
    case Errc::outcome_unknown:
    case Errc::wrong_thread:
    case Errc::not_a_cairn_file:
    case Errc::file_is_newer:
      return 500;
  }
  return 500;
}

std::string_view wire_name(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_argument:
      return "body";
    case Errc::workflow_not_found:
      return "workflow.not_found";
    case Errc::instance_not_found:
      return "instance.not_found";
    case Errc::cannot_terminate:
      return "instance.cannot_terminate";
    case Errc::cannot_pause:
      return "instance.cannot_pause";
    case Errc::cannot_resume:
      return "instance.cannot_resume";
    case Errc::cannot_restart:
      return "instance.cannot_restart";
    case Errc::instance_already_exists:
      return "instance.already_exists";
    case Errc::cannot_send_event:
      return "instance.cannot_send_event";
    case Errc::duplicate_in_batch:
      return "instance.duplicate_in_batch";
    case Errc::internal:
    case Errc::wrong_thread:
    case Errc::not_a_cairn_file:
    case Errc::file_is_newer:
      return "internal_server";
    default:
      return to_string(code);
  }
}

bool is_internal(Errc code) noexcept {
  const int status = status_of(code);
  return code == Errc::store_failed || code == Errc::file_is_owned || code == Errc::file_is_read_only ||
         (status == 500 && code != Errc::outcome_unknown);
}

Response failure_of(const Error& error, std::string_view reference) {
  const Errc code = error.code();
  std::string text = is_internal(code) ? std::string{public_detail(code)} : detail::what_of(error);
  if (is_internal(code)) text.append("; the log knows it as ").append(reference);
  const int status = status_of(code);
  Response response = failure(status, code_on_wire(code), message_of(wire_name(code), text));
  // Cloudflare's clients try 409 and 5xx again by themselves. A conflict stays one; and after an unknown
  // outcome only the caller knows whether its request names the ids that make a repetition safe.
  if (status == 409 || status == 500) response.headers.push_back({"x-should-retry", "false"});
  if (status == 503) response.headers.push_back({"Retry-After", "1"});
  return response;
}

Response lack_of_memory() noexcept {
  return {.status = 500};
}

}  // namespace cairn::api
