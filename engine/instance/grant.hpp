#pragma once

#include <functional>
#include <utility>

namespace cairn::engine {

/// What somebody waits for, and is told by its destruction. So whoever forgets it, such as an engine that has
/// failed, lets the other go on.
class Grant {
 public:
  /// `told` is called once, by any thread. It must neither block nor throw.
  explicit Grant(std::function<void()> told) : told_(std::move(told)) {}
  ~Grant() { told_(); }
  Grant(const Grant&) = delete;
  Grant& operator=(const Grant&) = delete;

 private:
  std::function<void()> told_;
};

}  // namespace cairn::engine
