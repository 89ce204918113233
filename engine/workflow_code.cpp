#include "engine/workflow_code.hpp"

#include <cairn/error.hpp>

#include <string>

namespace cairn::engine {

namespace {

thread_local bool runs_workflow_code = false;

}  // namespace

WorkflowCode::WorkflowCode() noexcept : outer_(runs_workflow_code) {
  runs_workflow_code = true;
}

WorkflowCode::~WorkflowCode() {
  runs_workflow_code = outer_;
}

void WorkflowCode::refuse_here(const char* call) {
  if (!runs_workflow_code) return;
  throw Error{Errc::wrong_thread,
              std::string{call} + ": must not be called from workflow code outside a step's body"};
}

}  // namespace cairn::engine
