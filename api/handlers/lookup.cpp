#include "api/handlers/handlers.hpp"

#include <cairn/clock.hpp>
#include <cairn/error.hpp>
#include <cairn/id.hpp>

namespace cairn::api {

Workflow<json, json> find_workflow(Engine& engine, const Call& call) {
  check_workflow_name(call.where.workflow, "workflow_name");
  return engine.workflow(call.where.workflow);
}

Instance<json> find_instance(const Backend& backend, const Call& call) {
  const Workflow<json, json> workflow = find_workflow(backend.engine, call);
  check_instance_id(call.where.instance, "instance_id");
  return workflow.get(call.where.instance);
}

Time now(const Backend& backend) {
  return backend.engine.options().clock->now();
}

void refuse_invalid(const std::string& message) {
  throw Error{Errc::invalid_argument, message};
}

}  // namespace cairn::api
