#include "api/application.hpp"

#include "api/failure.hpp"
#include "api/handlers/handlers.hpp"
#include "api/log.hpp"

#include <cairn/detail/caught.hpp>
#include <cairn/error.hpp>

#include <algorithm>
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
  Response response = lack_of_memory();
  detail::contain([&] { response = answer(call, body); }, [] {});
  response.without_body = call.head;
  return response;
}

Response Application::answer(const Call& call, std::string_view body) {
  Response response;
  detail::contain(
      [&] {
        response = dispatch({engine_, options_}, call, body);
      },
      [&] { response = answer_to_current_exception(); });
  return response;
}

// Code of the host runs in the handlers, such as a workflow's `from_json`: what it throws may be anything.
Response Application::answer_to_current_exception() {
  try {
    throw;
  } catch (const Error& error) {
    return is_internal(error.code()) ? internal_failure(error) : failure_of(error, {});
  } catch (const std::bad_alloc&) {
    // It may have been missing before the commit or behind it.
    return failure_of(Error{Errc::outcome_unknown, "there was no memory; it may have been done or not"}, {});
  } catch (...) {
    return internal_failure(Error{Errc::internal, detail::what_of_current_exception()});
  }
}

std::vector<std::optional<Response>> Application::create_together(
    std::span<const Request> requests) noexcept {
  std::vector<std::optional<Response>> answers;
  detail::contain([&] { answers = answer_together(requests); }, [&] { answers.clear(); });
  return answers;
}

std::vector<std::optional<Response>> Application::answer_together(std::span<const Request> requests) {
  std::vector<std::optional<Response>> answers(requests.size());
  const auto answer_all = [&] {
    if (requests.size() > 1) {
      answers = api::create_together({engine_, options_}, requests);
    } else {
      answers.front() = carry_out(requests.front().call, requests.front().body);
    }
  };
  detail::contain(answer_all, [&] { std::ranges::fill(answers, fault_of_all()); });
  return answers;
}

Response Application::fault_of_all() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (...) {
    return internal_failure(Error{Errc::internal, detail::what_of_current_exception()});
  }
}

Response Application::internal_failure(const Error& error) {
  const std::string reference = "fault " + std::to_string(++faults_);
  write_log(
      options_.log, LogLevel::error,
      "http: " + reference + ": " + std::string{to_string(error.code())} + ": " + detail::what_of(error));
  return failure_of(error, reference);
}

}  // namespace cairn::api
