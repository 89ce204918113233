#pragma once

#include "tests/stress/workflows.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace cairn::testing {

/// An instance that every thread may make, control and wait for. Little is known of it, except how it may
/// end.
struct SharedInstance {
  std::string id;
  Kind kind = Kind::paces;
  int n = 0;
  bool passes = false;  // it may be swept a moment after its end
  std::atomic<bool> made = false;
  std::atomic<bool> terminated = false;  // was ever asked for
};

/// What the threads of one round share: instances, and the names of what they have defined.
class SharedInstances {
 public:
  static constexpr std::size_t size = 24;

  explicit SharedInstances(std::uint64_t round) {
    for (std::size_t i = 0; i < size; ++i) {
      SharedInstance& one = instances_.emplace_back();
      one.id = "ours-" + std::to_string(round) + "-" + std::to_string(i);
      one.kind = Kind{static_cast<std::uint8_t>(i % kinds)};
      one.n = static_cast<int>(i);
      one.passes = i % 2 == 1;
    }
  }

  [[nodiscard]] SharedInstance& operator[](std::size_t index) { return instances_[index]; }

  /// To be said before it is defined: an instance may end up in it at once.
  void note_newer_paces() { newer_paces_ = true; }
  [[nodiscard]] bool has_newer_paces() const { return newer_paces_; }
  void note_extra(const std::string& name) {
    const std::lock_guard lock{mutex_};
    extras_.insert(name);
  }
  [[nodiscard]] std::vector<std::string> extras() const {
    const std::lock_guard lock{mutex_};
    return {extras_.begin(), extras_.end()};
  }

 private:
  std::deque<SharedInstance> instances_;
  std::atomic<bool> newer_paces_ = false;
  mutable std::mutex mutex_;
  std::set<std::string> extras_;
};

}  // namespace cairn::testing
