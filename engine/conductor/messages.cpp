#include "engine/conductor/messages.hpp"

#include <cairn/workflow.hpp>

namespace cairn::engine {

std::string RunBody::step() const {
  return name + "-" + std::to_string(count);
}

std::string RunBody::idempotency_key() const {
  return definition->workflow_id + "/" + std::to_string(key) + "/" + std::to_string(run) + "/" + step();
}

}  // namespace cairn::engine
