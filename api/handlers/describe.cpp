#include "api/envelope.hpp"
#include "api/handlers/handlers.hpp"
#include "api/instance_text.hpp"
#include "api/query.hpp"

#include <cairn/engine.hpp>

#include <algorithm>
#include <utility>

namespace cairn::api {

Response describe_instance(const Backend& backend, const Call& call) {
  const Query query{call.query, {"simple", "order"}};
  const bool simple = query.choice("simple", "true", "false");
  const bool newest_first = query.choice("order", "desc", "asc");
  InstanceDetail instance = find_instance(backend, call).describe();
  if (newest_first) std::ranges::reverse(instance.steps);
  Envelope envelope;
  append_instance(envelope.out(), instance, !simple);
  return std::move(envelope).finish();
}

}  // namespace cairn::api
