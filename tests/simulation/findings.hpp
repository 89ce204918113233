#pragma once

#include <sstream>
#include <string>
#include <type_traits>

namespace cairn::testing {

/// The first thing that was not as promised. Checks stand in callbacks and inside of bodies, where nothing
/// may be thrown; the scheduler looks here after every step.
class Findings {
 public:
  /// A part that is a function is called when its text is needed: most are not.
  template <class... Parts>
  void require(bool holds, const Parts&... parts) {
    if (holds || !first_.empty()) return;
    std::ostringstream text;
    (put(text, parts), ...);
    first_ = text.str();
  }
  [[nodiscard]] bool any() const { return !first_.empty(); }
  [[nodiscard]] const std::string& first() const { return first_; }

 private:
  template <class Part>
  static void put(std::ostream& out, const Part& part) {
    if constexpr (std::is_invocable_v<const Part&>) {
      out << part();
    } else {
      out << part;
    }
  }

  std::string first_;
};

}  // namespace cairn::testing
