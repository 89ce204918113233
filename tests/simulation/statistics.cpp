#include "tests/simulation/statistics.hpp"

#include <ostream>

namespace cairn::testing {

void Statistics::print(std::ostream& out) const {
  std::string group;
  for (const auto& [what, count] : counts_) {
    const std::string_view first = std::string_view{what}.substr(0, what.find(' '));
    if (first != group)
      out << (group.empty() ? "  " : "\n  ") << (group = first) << ':';
    else
      out << ',';
    out << what.substr(what.find(' ') == std::string::npos ? what.size() : what.find(' ')) << ' ' << count;
  }
  out << '\n';
}

}  // namespace cairn::testing
