#pragma once

#include <algorithm>
#include <cstddef>

namespace cairn::engine {

/// What one instance may do before the others have their turn, in units of about a microsecond. A share of
/// work, not of time, so that the same inputs lead to the same turns.
class Share {
 public:
  /// A frame goes on, also without being suspended.
  static constexpr std::size_t resumption = 1;
  /// A step begins or ends, or an attempt does: it is written as well.
  static constexpr std::size_t change = 4;

  explicit Share(std::size_t units) noexcept : given_(units), left_(units) {}

  void spend(std::size_t units) noexcept { left_ -= std::min(left_, units); }
  /// Text that is copied and converted.
  void spend_on_text(std::size_t bytes) noexcept { spend(bytes / bytes_per_unit); }

  /// Nothing is left: the rest waits for the next turn.
  [[nodiscard]] bool spent() const noexcept { return left_ == 0; }
  [[nodiscard]] std::size_t used() const noexcept { return given_ - left_; }

 private:
  static constexpr std::size_t bytes_per_unit = 64;

  std::size_t given_;
  std::size_t left_;
};

}  // namespace cairn::engine
