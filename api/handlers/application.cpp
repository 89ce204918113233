#include "api/handlers/application.hpp"

#include "api/handlers/handlers.hpp"
#include "api/requests/failure.hpp"
#include "api/requests/log.hpp"

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
    case Route::step:
      return describe_step(backend, call);
    case Route::status:
      return change_status(backend, call, body);
    case Route::events:
      return send_event(backend, call, body);
    case Route::clock:
      return confirm_clock(backend, call, body);
    case Route::health:
      return tell_health(backend, call);
  }
  throw Error{Errc::internal, "a route without a handler"};
}

// From now on a request holds its answer; or, without one, its body still.
void settle(Request& request, const std::optional<Response>& answer) {
  if (answer) release(request.body);
  request.share.settle(answer ? answer->body.capacity() : request.body.capacity());
}

}  // namespace

Response Application::carry_out(Request& request) noexcept {
  Response response = lack_of_memory();
  detail::contain([&] { response = answer(request); }, [] {});
  response.without_body = request.call.head;
  release(request.body);
  request.share.settle(response.body.capacity());
  return response;
}

Response Application::answer(Request& request) {
  Response response;
  const auto answer_it = [&] {
    Room room{request.share};
    response = dispatch({engine_, options_, room}, request.call, request.body);
  };
  detail::contain(answer_it, [&] { response = answer_to_current_exception(); });
  return response;
}

// Code of the host runs in the handlers, such as a workflow's `from_json`: what it throws may be anything.
Response Application::answer_to_current_exception() {
  try {
    throw;
  } catch (const NoRoom&) {
    return busy(memory_is_taken);
  } catch (const Error& error) {
    return is_internal(error.code()) ? internal_failure(error) : failure_of(error, {});
  } catch (const std::bad_alloc&) {
    // It may have been missing before the commit or behind it.
    return failure_of(Error{Errc::outcome_unknown, "there was no memory; it may have been done or not"}, {});
  } catch (...) {
    return internal_failure(Error{Errc::internal, detail::what_of_current_exception()});
  }
}

std::vector<std::optional<Response>> Application::create_together(std::span<Request> requests) noexcept {
  std::vector<std::optional<Response>> answers;
  detail::contain([&] { answers = answer_together(requests); }, [&] { answers.clear(); });
  return answers;
}

std::vector<std::optional<Response>> Application::answer_together(std::span<Request> requests) {
  std::vector<std::optional<Response>> answers(requests.size());
  if (requests.size() == 1) {
    answers.front() = carry_out(requests.front());
    return answers;
  }
  detail::contain([&] { answers = api::create_together(engine_, options_, requests); },
                  [&] { std::ranges::fill(answers, fault_of_all()); });
  for (std::size_t index = 0; index < requests.size(); ++index) settle(requests[index], answers[index]);
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
