#include "engine/implementation.hpp"

#include <cairn/engine.hpp>

#include <utility>

namespace cairn {

Engine::Engine(std::unique_ptr<Store> store, EngineOptions options)
    : implementation_(std::make_shared<Implementation>(std::move(store), std::move(options))) {}

Engine::~Engine() {
  if (!implementation_->is_here()) {
    Implementation::leave_alone(std::move(implementation_));
    return;
  }
  implementation_->stop(Duration{0});
  implementation_->close();
}

std::shared_ptr<detail::Core> Engine::core() const {
  return implementation_;
}

std::shared_ptr<const detail::Definition> Engine::add(std::shared_ptr<detail::Definition> definition) {
  return implementation_->add(std::move(definition));
}

void Engine::start() {
  implementation_->start();
}

bool Engine::stop(Duration deadline) {
  return implementation_->stop(deadline);
}

SweepReport Engine::sweep() {
  return implementation_->sweep();
}

std::size_t Engine::resume_parked(const ParkedFilter& filter) {
  return implementation_->resume_parked(filter);
}

void Engine::confirm_clock() {
  implementation_->confirm_clock();
}

Health Engine::health() const {
  return implementation_->health();
}

Metrics Engine::metrics() const {
  return implementation_->metrics();
}

Workflow<json, json> Engine::workflow(std::string_view name) const {
  return {implementation_, implementation_->definition(name)};
}

std::vector<WorkflowSummary> Engine::workflows() const {
  return implementation_->workflows();
}

const EngineOptions& Engine::options() const noexcept {
  return implementation_->options();
}

}  // namespace cairn
