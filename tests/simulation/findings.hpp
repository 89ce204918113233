#pragma once

#include <sstream>
#include <string>

namespace cairn::testing {

/// The first thing that was not as promised. Checks stand in callbacks and inside of bodies, where nothing
/// may be thrown; the scheduler looks here after every step.
class Findings {
 public:
  template <class... Parts>
  void require(bool holds, const Parts&... parts) {
    if (holds || !first_.empty()) return;
    std::ostringstream text;
    (text << ... << parts);
    first_ = text.str();
  }
  [[nodiscard]] bool any() const { return !first_.empty(); }
  [[nodiscard]] const std::string& first() const { return first_; }

 private:
  std::string first_;
};

}  // namespace cairn::testing
