#pragma once

#include <cairn/detail/awaited_once.hpp>
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

/// What `co_await` works with; the branches stay where they are, in the awaiting frame. The parent goes on
/// when the last branch has returned, and the first error wins. None begins when one of them, or all of them
/// together, must not be awaited.
template <class Branches>
class BranchesAwaiter {
 public:
  explicit BranchesAwaiter(Branches& branches) noexcept
      : branches_(&branches),
        misuse_(branches.once_.begin()),
        of_branch_(misuse_ == Misuse::none ? branches.begin() : Misuse::none) {}

  bool await_ready() const noexcept { return may_begin() && branches_->size() == 0; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiter) const {
    FrameTree* const tree = waiter.promise().tree;
    if (!may_begin()) return tree->schedule(waiter);
    branches_->join_.open = branches_->size();
    branches_->join_.waiter = waiter;
    branches_->start(tree);
  }
  auto await_resume() const {
    refuse(misuse_, "what all() gave");
    refuse(of_branch_, "a Task in all()");
    branches_->join_.first_error.rethrow();
    return branches_->take();
  }

 private:
  [[nodiscard]] bool may_begin() const noexcept {
    return misuse_ == Misuse::none && of_branch_ == Misuse::none;
  }

  Branches* branches_;
  Misuse misuse_;
  Misuse of_branch_;
};

}  // namespace detail

/// Several steps or tasks that run side by side. Made by `all`, and awaited once.
template <class... T>
class [[nodiscard]] All {
 public:
  using Awaiter = detail::BranchesAwaiter<All>;

  explicit All(Task<T>... branches) : branches_(std::move(branches)...) {}

 private:
  friend Awaiter;

  [[nodiscard]] static constexpr std::size_t size() noexcept { return sizeof...(T); }
  [[nodiscard]] detail::Misuse begin() noexcept {
    auto found = detail::Misuse::none;
    const auto one = [&](auto& branch) {
      if (found == detail::Misuse::none) found = branch.begin();
    };
    std::apply([&](auto&... branch) { (one(branch), ...); }, branches_);
    return found;
  }
  void start(detail::FrameTree* tree) {
    std::apply([&](const auto&... branch) { (detail::start_branch(branch, tree, join_), ...); }, branches_);
  }
  std::tuple<detail::Stored<T>...> take() {
    return std::apply(
        [](const auto&... branch) {
          return std::tuple<detail::Stored<T>...>{detail::take_branch(branch)...};
        },
        branches_);
  }

  std::tuple<Task<T>...> branches_;
  detail::Join join_;
  detail::AwaitedOnce once_;
};

/// As many steps or tasks of one type as there are elements. Made by `all(vector)` and `Context::map`.
template <class T>
class [[nodiscard]] AllOf {
 public:
  using Awaiter = detail::BranchesAwaiter<AllOf>;

  explicit AllOf(std::vector<Task<T>> branches) : branches_(std::move(branches)) {}

 private:
  friend Awaiter;

  [[nodiscard]] std::size_t size() const noexcept { return branches_.size(); }
  [[nodiscard]] detail::Misuse begin() noexcept {
    auto found = detail::Misuse::none;
    for (Task<T>& branch : branches_) {
      if (found == detail::Misuse::none) found = branch.begin();
    }
    return found;
  }
  void start(detail::FrameTree* tree) {
    for (const Task<T>& branch : branches_) detail::start_branch(branch, tree, join_);
  }
  auto take() {
    if constexpr (!std::is_void_v<T>) {
      std::vector<T> results;
      results.reserve(branches_.size());
      for (const Task<T>& branch : branches_) results.push_back(detail::take_branch(branch));
      return results;
    }
  }

  std::vector<Task<T>> branches_;
  detail::Join join_;
  detail::AwaitedOnce once_;
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
