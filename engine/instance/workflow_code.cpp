#include "engine/instance/workflow_code.hpp"

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

void WorkflowCode::require_here(std::string_view step) {
  if (runs_workflow_code) return;
  const char* const place = detail::OnBehalfOf::current() != nullptr ? "inside the body of a step"
                                                                     : "outside workflow code";
  throw Error{Errc::wrong_thread, "step \"" + std::string{step} + "\": begun " + place +
                                      "; only the workflow's own code may begin steps"};
}

}  // namespace cairn::engine
