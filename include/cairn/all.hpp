#pragma once

#include <cairn/step_call.hpp>
#include <cairn/task.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace cairn {

namespace detail {

template <class T>
Task<T> as_task(Task<T> task) {
  return task;
}

// A branch that is a single step gets a small frame of its own.
template <class T>
Task<T> as_task(Step<T> step) {
  co_return co_await step;
}

template <class Branch>
using BranchResult = typename decltype(as_task(std::declval<Branch>()))::promise_type;

template <class T>
void start_branch(const Task<T>& branch, FrameTree* tree, Join& join) {
  branch.frame().promise().tree = tree;
  branch.frame().promise().join = &join;
  tree->schedule(branch.frame());
}

template <class T>
Stored<T> take_branch(const Task<T>& branch) {
  if constexpr (std::is_void_v<T>) {
    branch.frame().promise().take();
    return {};
  } else {
    return branch.frame().promise().take();
  }
}

/// What all joins share: the parent goes on when the last branch has returned, and the first error wins.
class JoinAwaiter {
 public:
  using IsCairnJoin = void;

 protected:
  void rethrow() const { join_.first_error.rethrow(); }
  Join join_;
};

}  // namespace detail

/// Several steps or tasks that run side by side. Made by `all`.
template <class... T>
class [[nodiscard]] All : public detail::JoinAwaiter {
 public:
  explicit All(Task<T>... branches) : branches_(std::move(branches)...) {}

  bool await_ready() const noexcept { return sizeof...(T) == 0; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiter) {
    join_.open = sizeof...(T);
    join_.waiter = waiter;
    std::apply(
        [&](const auto&... branch) { (detail::start_branch(branch, waiter.promise().tree, join_), ...); },
        branches_);
  }
  std::tuple<detail::Stored<T>...> await_resume() {
    rethrow();
    return std::apply(
        [](const auto&... branch) {
          return std::tuple<detail::Stored<T>...>{detail::take_branch(branch)...};
        },
        branches_);
  }

 private:
  std::tuple<Task<T>...> branches_;
};

/// As many steps or tasks of one type as there are elements. Made by `all(vector)` and `Context::map`.
template <class T>
class [[nodiscard]] AllOf : public detail::JoinAwaiter {
 public:
  explicit AllOf(std::vector<Task<T>> branches) : branches_(std::move(branches)) {}

  bool await_ready() const noexcept { return branches_.empty(); }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiter) {
    join_.open = branches_.size();
    join_.waiter = waiter;
    for (const Task<T>& branch : branches_) detail::start_branch(branch, waiter.promise().tree, join_);
  }
  auto await_resume() {
    rethrow();
    if constexpr (!std::is_void_v<T>) {
      std::vector<T> results;
      results.reserve(branches_.size());
      for (const Task<T>& branch : branches_) results.push_back(detail::take_branch(branch));
      return results;
    }
  }

 private:
  std::vector<Task<T>> branches_;
};

/// Runs steps and tasks side by side: `std::tuple<int, int> both = co_await cairn::all(ctx.step(…),
/// ctx.step(…));`
///
/// They start in the order written. It goes on when every one has returned; then it gives their results in
/// the order written
/// (`std::monostate` for void), or throws the error of the one that failed first.
template <class... Branches>
[[nodiscard]] auto all(Branches... branches) {
  return All{detail::as_task(std::move(branches))...};
}

/// The same for any number of one type, a `std::vector<Step<T>>` or `std::vector<Task<T>>`: gives a
/// `std::vector<T>`, or nothing when T is void.
template <template <class> class Branch, class T>
[[nodiscard]] AllOf<T> all(std::vector<Branch<T>> branches) {
  std::vector<Task<T>> tasks;
  tasks.reserve(branches.size());
  for (Branch<T>& branch : branches) tasks.push_back(detail::as_task(std::move(branch)));
  return AllOf<T>{std::move(tasks)};
}

}  // namespace cairn
