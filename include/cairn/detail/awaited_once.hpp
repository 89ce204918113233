#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

// What may be awaited is awaited once, by the instance that it belongs to: not for users.
namespace cairn::detail {

/// Why something must not be awaited.
enum class Misuse : std::uint8_t {
  none,
  moved,    ///< it was moved away
  awaited,  ///< it has been awaited before
  foreign,  ///< it belongs to another instance
};

/// Whether something may still be awaited. Moves with it.
class AwaitedOnce {
 public:
  AwaitedOnce() noexcept = default;
  AwaitedOnce(AwaitedOnce&& other) noexcept : misuse_(std::exchange(other.misuse_, Misuse::moved)) {}
  AwaitedOnce& operator=(AwaitedOnce&& other) noexcept {
    misuse_ = std::exchange(other.misuse_, Misuse::moved);
    return *this;
  }
  ~AwaitedOnce() = default;

  /// It is being awaited now. `none`: it may be.
  [[nodiscard]] Misuse begin() noexcept {
    return misuse_ == Misuse::none ? std::exchange(misuse_, Misuse::awaited) : misuse_;
  }

 private:
  Misuse misuse_ = Misuse::none;
};

/// Throws `Error` (`invalid_argument`) that names the misuse of `what`, such as `a Task`, and its name if it
/// has one; nothing when there is none. An awaiter says so when it is resumed, and not at once: code that
/// catches it and awaits again, for ever, then has its share of a turn like any other.
void refuse(Misuse misuse, std::string_view what, std::string_view name = {});

}  // namespace cairn::detail
