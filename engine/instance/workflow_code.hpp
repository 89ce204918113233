#pragma once

#include <cairn/detail/body.hpp>

#include <string_view>

namespace cairn::engine {

/// While one lives, this thread runs workflow code: engine calls that would wait throw `wrong_thread` there,
/// because the thread that would answer them is this one. A body that asks something of an engine may take a
/// turn, and so run workflow code of others: meanwhile its thread works for no body.
class WorkflowCode {
 public:
  WorkflowCode() noexcept;
  ~WorkflowCode();
  WorkflowCode(const WorkflowCode&) = delete;
  WorkflowCode& operator=(const WorkflowCode&) = delete;

  /// Throws `Error` (`wrong_thread`) when the calling thread runs workflow code.
  static void refuse_here(const char* call);
  /// Throws `Error` (`wrong_thread`) when it does not: only workflow code describes steps.
  static void require_here(std::string_view step);

 private:
  const bool outer_;
  const detail::OnBehalfOf nobody_{nullptr};
};

}  // namespace cairn::engine
