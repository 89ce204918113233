#pragma once

#include <memory>

// What a child of `fork` must leave alone: not for users.
namespace cairn::detail {

/// The process in which this was made. A child of `fork` has a copy of everything and none of the threads:
/// there, locks may be held by nobody, threads cannot be joined, and descriptors are the parent's as well.
class OwnProcess {
 public:
  OwnProcess() noexcept;
  OwnProcess(const OwnProcess&) = delete;
  OwnProcess& operator=(const OwnProcess&) = delete;

  [[nodiscard]] bool is_here() const noexcept;
  /// Throws `Error` (`engine_stopped`) when it is not.
  void require_here(const char* call) const;

  /// For the destructor of an owner of which this is a part: what it owns stays as it is for the rest of this
  /// process, never destroyed. Needs no memory, and a leak checker finds it all.
  void leave_alone(std::shared_ptr<void> owned) noexcept;

 private:
  const int number_;
  std::shared_ptr<void> owned_;
  OwnProcess* next_ = nullptr;
};

}  // namespace cairn::detail
