#include "api/application.hpp"

#include "api/failure.hpp"
#include "api/handlers/handlers.hpp"
#include "api/log.hpp"

#include <cairn/error.hpp>

#include <algorithm>
#include <exception>
#include <new>
#include <string>

namespace cairn::api {
namespace {

Response dispatch(const Backend& backend, const Call& call, std::string_view body) {
  switch (call.where.route) {
    case Route::workflows:
      return list_workflows(backend, call);
    case Route::workflow:
      return describe_workflow(backend, call);
    case Route::instances:
      return call.post ? create_instance(backend, call, body) : list_instances(backend, call);
    case Route::batch:
      return create_batch(backend, call, body);
    case Route::instance:
      return describe_instance(backend, call);
    case Route::status:
      return change_status(backend, call, body);
    case Route::events:
      return send_event(backend, call, body);
    case Route::health:
      return tell_health(backend, call);
  }
  throw Error{Errc::internal, "a route without a handler"};
}

}  // namespace

Response Application::carry_out(const Call& call, std::string_view body) noexcept {
  Response response;
  try {
    response = answer(call, body);
  } catch (const std::exception&) {
    response = lack_of_memory();
  }
  response.without_body = call.head;
  return response;
}

Response Application::answer(const Call& call, std::string_view body) {
  try {
    return dispatch({engine_, options_}, call, body);
  } catch (const Error& error) {
    return is_internal(error.code()) ? internal_failure(error) : failure_of(error, {});
  } catch (const std::bad_alloc&) {
    // It may have been missing before the commit or behind it.
    return failure_of(Error{Errc::outcome_unknown, "there was no memory; it may have been done or not"}, {});
  } catch (const std::exception& fault) {
    return internal_failure(Error{Errc::internal, fault.what()});
  } catch (...) {
    return internal_failure(Error{Errc::internal, "an exception that is no std::exception"});
  }
}

std::vector<std::optional<Response>> Application::create_together(
    std::span<const Request> requests) noexcept {
  try {
    return answer_together(requests);
  } catch (const std::exception&) {
    return {};
  }
}

std::vector<std::optional<Response>> Application::answer_together(std::span<const Request> requests) {
  std::vector<std::optional<Response>> answers(requests.size());
  try {
    if (requests.size() > 1) return api::create_together({engine_, options_}, requests);
    answers.front() = carry_out(requests.front().call, requests.front().body);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& fault) {
    std::ranges::fill(answers, internal_failure(Error{Errc::internal, fault.what()}));
  }
  return answers;
}

Response Application::internal_failure(const Error& error) {
  const std::string reference = "fault " + std::to_string(++faults_);
  write_log(options_.log, LogLevel::error,
            "http: " + reference + ": " + std::string{to_string(error.code())} + ": " + error.what());
  return failure_of(error, reference);
}

}  // namespace cairn::api
