#pragma once

#include "api/requests/target.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace cairn::api {

/// What the API has. Paths stand behind `/client/v4/accounts/{account_id}` or `/accounts/{account_id}`.
enum class Route {
  workflows,  ///< /workflows
  workflow,   ///< /workflows/{workflow_name}
  instances,  ///< /workflows/{workflow_name}/instances
  batch,      ///< /workflows/{workflow_name}/instances/batch
  instance,   ///< /workflows/{workflow_name}/instances/{instance_id}
  step,       ///< /workflows/{workflow_name}/instances/{instance_id}/step
  status,     ///< /workflows/{workflow_name}/instances/{instance_id}/status
  events,     ///< /workflows/{workflow_name}/instances/{instance_id}/events/{event_type}
  clock,      ///< /clock; not Cloudflare's
  health,     ///< /healthz, without a prefix; not Cloudflare's
};

/// A route with the names that stand in its path; those that it does not have are empty.
struct Match {
  Route route = Route::workflows;
  std::string workflow = {};
  std::string instance = {};
  std::string event_type = {};
};

/// Finds the route of a path; nothing when there is none.
std::optional<Match> match(Target target);

/// The value of the `Allow` header, such as `GET, HEAD, OPTIONS`.
std::string_view allowed_methods(Route route) noexcept;

/// Whether the method (any but OPTIONS) may be used on the route.
bool allows(Route route, std::string_view method) noexcept;

/// Whether it is a method that the server knows, of which some route may have it: of all others it says that
/// it does not.
bool is_known_method(std::string_view method) noexcept;

/// All of them, as a value of `Allow`.
inline constexpr std::string_view all_methods = "GET, HEAD, OPTIONS, PATCH, POST";

}  // namespace cairn::api
