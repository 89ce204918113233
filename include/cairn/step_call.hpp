#pragma once

#include <cairn/detail/awaited_once.hpp>
#include <cairn/detail/frame_tree.hpp>
#include <cairn/event.hpp>

#include <exception>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace cairn {

/// A step that was described but not yet begun: it begins when it is awaited, and is awaited once.
/// Made by `Context`; awaited by workflow code of the same instance, alone or through `all`. A second time,
/// after it was moved away, or in another instance, `co_await` throws `Error` (`invalid_argument`).
///
/// Awaiting it gives the recorded result, or throws `StepError` (`TimeoutError` when the last attempt or the
/// wait passed its timeout) as recorded. When the record does not fit T, the frame is not resumed: the code
/// contradicts the record, and the instance is parked.
template <class T>
class [[nodiscard]] Step {
 public:
  Step(detail::FrameTree& tree, detail::StepCall call, std::shared_ptr<detail::TypedBody<T>> body)
      : tree_(&tree), call_(std::move(call)), body_(std::move(body)) {
    call_.body = body_;
  }
  Step(Step&&) noexcept = default;
  Step& operator=(Step&&) noexcept = default;

  /// What `co_await` works with; the step itself stays where it is, in the awaiting frame.
  class Awaiter {
   public:
    Awaiter(Step& step, const detail::FrameTree& here) noexcept : step_(&step), misuse_(step.begin(here)) {}
    bool await_ready() const {
      return misuse_ == detail::Misuse::none && step_->tree_->request(step_->call_);
    }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> waiter) const {
      if (misuse_ != detail::Misuse::none) return waiter.promise().tree->schedule(waiter);
      step_->call_.waiter = waiter;
    }
    T await_resume() const {
      detail::refuse(misuse_, "a Step", step_->call_.name);
      return step_->take();
    }

   private:
    Step* step_;
    detail::Misuse misuse_;
  };

 private:
  // A tree is compared, and not looked into: that of another instance may be gone.
  [[nodiscard]] detail::Misuse begin(const detail::FrameTree& here) noexcept {
    return tree_ == &here ? once_.begin() : detail::Misuse::foreign;
  }
  T take() {
    if (call_.refusal) std::rethrow_exception(call_.refusal);
    if (call_.resolution.error) detail::throw_step_error(*call_.resolution.error);
    if constexpr (!std::is_void_v<T>) return std::move(*body_->value());
  }

  detail::FrameTree* tree_;
  detail::StepCall call_;
  std::shared_ptr<detail::TypedBody<T>> body_;
  detail::AwaitedOnce once_;
};

}  // namespace cairn
