#pragma once

namespace cairn::engine {

/// While one lives, this thread runs workflow code: engine calls that would wait throw `wrong_thread` there,
/// because the thread that would answer them is this one.
class WorkflowCode {
 public:
  WorkflowCode() noexcept;
  ~WorkflowCode();
  WorkflowCode(const WorkflowCode&) = delete;
  WorkflowCode& operator=(const WorkflowCode&) = delete;

  /// Throws `Error` (`wrong_thread`) when the calling thread runs workflow code.
  static void refuse_here(const char* call);

 private:
  bool outer_;
};

}  // namespace cairn::engine
