#pragma once

#include <cairn/detail/body.hpp>
#include <cairn/step.hpp>
#include <cairn/time.hpp>

#include <coroutine>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

// What awaitables ask of the engine: not for users.
namespace cairn::detail {

/// How a step ended, as it is recorded.
struct Resolution {
  std::string output = {};
  std::optional<ErrorRecord> error = std::nullopt;
};

/// One step that workflow code awaits. Lives in the awaiting coroutine's frame and does not move once it was
/// requested.
struct StepCall {
  StepKind kind = StepKind::step;
  std::string name = {};
  StepOptions options = {};
  Duration span = {};                        ///< sleep: how long; wait_for_event: its timeout
  std::optional<Time> until = std::nullopt;  ///< sleep_until
  std::string event_type = {};
  std::shared_ptr<Body> body = {};

  std::coroutine_handle<> waiter = {};  ///< resumed once `resolution` or `refusal` stands
  Resolution resolution = {};
  std::exception_ptr refusal = {};  ///< why the step was not begun, when that is told to a suspended frame
};

/// The coroutine frames of one resident instance, as its awaitables see them. One thread at a time.
class FrameTree {
 public:
  virtual ~FrameTree() = default;

  /// Asks for a step. True: `call.resolution` stands already (the step is recorded and next in order), go on
  /// at once. False: suspend; the tree schedules `call.waiter` later, or never. Throws `Error` when the step
  /// breaks a rule. Where there is a body, its value stands before the frame goes on with an output.
  virtual bool request(StepCall& call) = 0;

  /// What is recorded of `what` does not fit the type that the code has for it: nothing more is run, whatever
  /// the code does. Called while the exception that says so is handled.
  virtual void contradict(std::string_view what, const std::string& recorded, std::string_view type) = 0;

  /// Resumes the frame after those that are ready already. Frames never resume each other, so no chain of
  /// them grows the stack, and none is destroyed beneath its own feet.
  void schedule(std::coroutine_handle<> frame) { ready_.push_back(frame); }

  /// A frame has ended because it found no memory.
  void note_lack_of_memory() noexcept { lacks_memory_ = true; }

 protected:
  std::deque<std::coroutine_handle<>> ready_;
  bool lacks_memory_ = false;
};

/// Destroys a frame. What destructors throw is dropped.
void destroy(std::coroutine_handle<> frame) noexcept;

/// Throws what `resolution.error` says: `TimeoutError` or `StepError`.
[[noreturn]] void throw_step_error(const ErrorRecord& error);

}  // namespace cairn::detail
