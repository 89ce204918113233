#pragma once

#include "api/requests/account.hpp"
#include "api/requests/admission.hpp"
#include "api/requests/message.hpp"

#include <cairn/engine.hpp>
#include <cairn/http.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::api {

/// What the handlers stand on.
struct Backend {
  Engine& engine;
  const HttpOptions& options;
  Room& room;  ///< of the request
};

/// One function a route. They throw `Error` for everything that is not a success, and `NoRoom` before they
/// have changed anything.
Response list_workflows(const Backend& backend, const Call& call);
Response describe_workflow(const Backend& backend, const Call& call);
Response list_instances(const Backend& backend, const Call& call);
Response create_instance(const Backend& backend, const Call& call, std::string_view body);
/// See `Application::create_together`. Throws no `Error`.
std::vector<std::optional<Response>> create_together(Engine& engine, const HttpOptions& options,
                                                     std::span<Request> requests);
Response create_batch(const Backend& backend, const Call& call, std::string_view body);
Response describe_instance(const Backend& backend, const Call& call);
Response describe_step(const Backend& backend, const Call& call);
Response change_status(const Backend& backend, const Call& call, std::string_view body);
Response send_event(const Backend& backend, const Call& call, std::string_view body);
Response confirm_clock(const Backend& backend, const Call& call, std::string_view body);
Response tell_health(const Backend& backend, const Call& call);

/// The workflow that the path names.
Workflow<json, json> find_workflow(Engine& engine, const Call& call);
/// The instance that the path names.
Instance<json> find_instance(const Backend& backend, const Call& call);
Time now(const Backend& backend);

/// Throws `Error` (`invalid_argument`). The message begins with the field.
[[noreturn]] void refuse_invalid(const std::string& message);

}  // namespace cairn::api
