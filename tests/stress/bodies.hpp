#pragma once

#include <cairn/step_context.hpp>

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <unordered_set>

namespace cairn::testing {

/// The bodies that run in one engine: no step's body runs beside itself, and none once all has come to rest.
/// Thread-safe.
class Bodies {
 public:
  /// The engine has said that nothing runs any more.
  void none_from_now_on() { at_rest_ = true; }
  [[nodiscard]] bool none_runs() const;

 private:
  friend class Inside;
  struct Part {
    mutable std::mutex mutex;
    std::unordered_set<std::string> keys;
  };
  void enter(const StepContext& step);
  void leave(const StepContext& step);
  [[nodiscard]] Part& part_of(const std::string& key);

  std::array<Part, 16> parts_;
  std::atomic<bool> at_rest_ = false;
};

/// While one lives, a body runs.
class Inside {
 public:
  Inside(Bodies& bodies, const StepContext& step) : bodies_{bodies}, step_{step} { bodies.enter(step); }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() { bodies_.leave(step_); }

 private:
  Bodies& bodies_;
  const StepContext& step_;
};

}  // namespace cairn::testing
