#include "api/handlers/handlers.hpp"
#include "api/requests/envelope.hpp"
#include "api/requests/query.hpp"

#include <cairn/engine.hpp>

#include <string>

namespace cairn::api {

// The state alone: whoever may ask need not be one who may know of instances or of the disk.
Response tell_health(const Backend& backend, const Call& call) {
  const Query query{call.query, {}};
  const HealthState state = backend.engine.health().state;
  return json_response(state == HealthState::failed ? 503 : 200,
                       R"({"status":")" + std::string{to_string(state)} + R"("})");
}

}  // namespace cairn::api
