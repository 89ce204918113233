#pragma once

#include <cairn/detail/awaited_once.hpp>
#include <cairn/detail/caught.hpp>
#include <cairn/detail/frame_tree.hpp>

#include <coroutine>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace cairn {

template <class T>
class Task;
template <class T>
class Step;
template <class... T>
class All;
template <class T>
class AllOf;

namespace detail {

/// Several branches that one frame awaits together.
struct Join {
  std::size_t open = 0;
  std::coroutine_handle<> waiter;
  Caught first_error;  ///< of the branch that failed first
};

/// Stands for what was refused.
struct NeverAwaited {
  struct Anything {
    template <class T>
    operator T() const;  // NOLINT(google-explicit-constructor)
  };
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<> /*waiter*/) const noexcept {}
  Anything await_resume() const noexcept { return {}; }
};

class TaskPromiseBase {
 public:
  FrameTree* tree = nullptr;             // set when the frame is started
  std::coroutine_handle<> continuation;  // the frame that awaits this one; null for the root
  Join* join = nullptr;                  // or the branches that this one belongs to
  bool discarded = false;                // the frame is being destroyed

  struct FinalAwaiter {
    // A frame that is destroyed where it waits comes here when the destructor of a local object throws. It
    // must not wait here as well.
    bool discarded;
    bool await_ready() const noexcept { return discarded; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> finished) const noexcept {
      TaskPromiseBase& promise = finished.promise();
      if (promise.join != nullptr) {
        if (promise.error_ && !promise.join->first_error) promise.join->first_error = promise.error_;
        if (--promise.join->open == 0) promise.tree->schedule(promise.join->waiter);
      } else if (promise.continuation) {
        promise.tree->schedule(promise.continuation);
      }
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {discarded}; }
  void unhandled_exception() noexcept {
    error_ = Caught::current();
    if (error_.is_lack_of_memory()) tree->note_lack_of_memory();
  }
  void rethrow() const { error_.rethrow(); }

  // Workflow code awaits cairn's awaitables alone: anything else would suspend where no record brings it
  // back.
  template <class T>
  auto await_transform(Step<T>&& step) const noexcept {
    return typename Step<T>::Awaiter{step, *tree};
  }
  template <class T>
  auto await_transform(Step<T>& step) const noexcept {
    return typename Step<T>::Awaiter{step, *tree};
  }
  template <class T>
  auto await_transform(Task<T>&& task) const noexcept {
    return typename Task<T>::Awaiter{task};
  }
  template <class T>
  auto await_transform(Task<T>& task) const noexcept {
    return typename Task<T>::Awaiter{task};
  }
  template <class... T>
  auto await_transform(All<T...>&& branches) const noexcept {
    return typename All<T...>::Awaiter{branches};
  }
  template <class... T>
  auto await_transform(All<T...>& branches) const noexcept {
    return typename All<T...>::Awaiter{branches};
  }
  template <class T>
  auto await_transform(AllOf<T>&& branches) const noexcept {
    return typename AllOf<T>::Awaiter{branches};
  }
  template <class T>
  auto await_transform(AllOf<T>& branches) const noexcept {
    return typename AllOf<T>::Awaiter{branches};
  }
  template <class Other>
  NeverAwaited await_transform(Other&& /*other*/) const noexcept {
    constexpr bool is_awaited = std::is_void_v<Other>;
    static_assert(
        is_awaited,
        "workflow code awaits what its Context gives, Tasks and all(...): await anything else in the "
        "body of a step");
    return {};
  }

 private:
  Caught error_;
};

template <class T>
class TaskPromise : public TaskPromiseBase {
  static_assert(std::is_nothrow_destructible_v<T>,
                "the destructor of what a task ends with must not throw: it is destroyed by the engine");

 public:
  Task<T> get_return_object() noexcept;
  template <class Value>
  requires std::is_convertible_v<Value&&, T>
  void return_value(Value&& value) { value_.emplace(std::forward<Value>(value)); }
  T take() {
    rethrow();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class TaskPromise<void> : public TaskPromiseBase {
 public:
  Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const { rethrow(); }
};

}  // namespace detail

/// A coroutine of workflow code that ends with a T: what a workflow function returns, and what its parts may
/// return.
///
/// Lazy: it begins when it is awaited. Awaited once: a second time, or after it was moved away, `co_await`
/// throws `Error` (`invalid_argument`). Take parameters by value, `Context&` excepted; never
/// make a lambda with captures a coroutine, unless it is one that `Engine::define` keeps. Destroying it
/// destroys its frame and the frames it awaits; the destructors of local objects run, and what they throw is
/// dropped.
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle frame) noexcept : frame_(frame) {}
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, {})), once_(std::move(other.once_)) {}
  Task& operator=(Task&& other) noexcept {
    Task taken{std::move(other)};
    std::swap(frame_, taken.frame_);
    once_ = std::move(taken.once_);
    return *this;
  }
  ~Task() {
    if (!frame_) return;
    frame_.promise().discarded = true;
    detail::destroy(frame_);
  }

  /// For the engine: the frame itself.
  [[nodiscard]] Handle frame() const noexcept { return frame_; }
  /// For those who begin it: `none` when it may be.
  [[nodiscard]] detail::Misuse begin() noexcept { return once_.begin(); }

  class Awaiter {
   public:
    explicit Awaiter(Task& task) noexcept : frame_(task.frame_), misuse_(task.begin()) {}
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> waiter) const {
      detail::FrameTree* tree = waiter.promise().tree;
      if (misuse_ != detail::Misuse::none) return tree->schedule(waiter);
      frame_.promise().tree = tree;
      frame_.promise().continuation = waiter;
      tree->schedule(frame_);
    }
    T await_resume() const {
      detail::refuse(misuse_, "a Task");
      return frame_.promise().take();
    }

   private:
    Handle frame_;
    detail::Misuse misuse_;
  };

 private:
  Handle frame_;
  detail::AwaitedOnce once_;
};

template <class T>
Task<T> detail::TaskPromise<T>::get_return_object() noexcept {
  return Task<T>{std::coroutine_handle<TaskPromise>::from_promise(*this)};
}

inline Task<void> detail::TaskPromise<void>::get_return_object() noexcept {
  return Task<void>{std::coroutine_handle<TaskPromise>::from_promise(*this)};
}

}  // namespace cairn
