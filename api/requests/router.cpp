#include "api/requests/router.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace cairn::api {
namespace {

// The segments behind `…/accounts/{account_id}`, of which there is one or more; nothing when the path begins
// otherwise.
std::optional<std::span<std::string>> behind_account(std::span<std::string> segments) {
  if (segments.size() >= 2 && segments[0] == "client" && segments[1] == "v4") segments = segments.subspan(2);
  if (segments.size() < 3 || segments[0] != "accounts") return std::nullopt;
  return segments.subspan(2);
}

// `terminate` belongs to a route that Cloudflare has at the position of an id, as `batch` does.
bool is_reserved(std::string_view segment) noexcept {
  return segment == "batch" || segment == "terminate";
}

// `names` stand behind `…/instances`; there is at least one.
std::optional<Match> match_instance(std::string workflow, std::span<std::string> names) {
  Match found{.route = Route::instance, .workflow = std::move(workflow)};
  if (is_reserved(names[0])) {
    if (names[0] != "batch" || names.size() != 1) return std::nullopt;
    found.route = Route::batch;
    return found;
  }
  found.instance = std::move(names[0]);
  if (names.size() == 1) return found;
  if (names.size() == 2 && (names[1] == "status" || names[1] == "step")) {
    found.route = names[1] == "status" ? Route::status : Route::step;
    return found;
  }
  if (names.size() == 3 && names[1] == "events") {
    found.route = Route::events;
    found.event_type = std::move(names[2]);
    return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Match> match(Target target) {
  if (target.segments.size() == 1 && target.segments[0] == "healthz" && !target.trailing_slash)
    return Match{.route = Route::health};
  auto names = behind_account(target.segments);
  if (!names) return std::nullopt;
  if (names->size() == 1 && (*names)[0] == "clock" && !target.trailing_slash)
    return Match{.route = Route::clock};
  if ((*names)[0] != "workflows") return std::nullopt;
  names = names->subspan(1);
  const bool is_collection = names->size() == 2 && (*names)[1] == "instances";
  // wrangler asks for its latest instance with a slash at the end: so may whoever asks for a list.
  if (target.trailing_slash && !is_collection && !names->empty()) return std::nullopt;
  if (names->empty()) return Match{.route = Route::workflows};
  std::string workflow = std::move((*names)[0]);
  if (names->size() == 1) return Match{.route = Route::workflow, .workflow = std::move(workflow)};
  if ((*names)[1] != "instances") return std::nullopt;
  if (is_collection) return Match{.route = Route::instances, .workflow = std::move(workflow)};
  return match_instance(std::move(workflow), names->subspan(2));
}

std::string_view allowed_methods(Route route) noexcept {
  switch (route) {
    case Route::workflows:
    case Route::workflow:
    case Route::instance:
    case Route::step:
    case Route::health:
      return "GET, HEAD, OPTIONS";
    case Route::instances:
      return "GET, HEAD, OPTIONS, POST";
    case Route::batch:
    case Route::events:
      return "OPTIONS, POST";
    case Route::status:
    case Route::clock:
      return "OPTIONS, PATCH";
  }
  return "OPTIONS";
}

bool allows(Route route, std::string_view method) noexcept {
  switch (route) {
    case Route::workflows:
    case Route::workflow:
    case Route::instance:
    case Route::step:
    case Route::health:
      return method == "GET" || method == "HEAD";
    case Route::instances:
      return method == "GET" || method == "HEAD" || method == "POST";
    case Route::batch:
    case Route::events:
      return method == "POST";
    case Route::status:
    case Route::clock:
      return method == "PATCH";
  }
  return false;
}

bool is_known_method(std::string_view method) noexcept {
  static constexpr std::array<std::string_view, 7> methods{"DELETE", "GET",  "HEAD", "OPTIONS",
                                                           "PATCH",  "POST", "PUT"};
  return std::ranges::find(methods, method) != methods.end();
}

}  // namespace cairn::api
