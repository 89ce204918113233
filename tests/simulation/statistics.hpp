#pragma once

#include <cairn/time.hpp>

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>

namespace cairn::testing {

/// How often each kind of operation and of outcome was seen.
class Statistics {
 public:
  void count(std::string_view what) {
    const auto found = counts_.find(what);
    if (found != counts_.end()) {
      ++found->second;
    } else {
      counts_.emplace(what, 1);
    }
  }
  [[nodiscard]] std::uint64_t of(std::string_view what) const {
    const auto found = counts_.find(what);
    return found == counts_.end() ? 0 : found->second;
  }
  void pass(Duration span) { simulated_ += span; }
  [[nodiscard]] Duration simulated() const { return simulated_; }

  /// A line for each kind.
  void print(std::ostream& out) const;

 private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;
  Duration simulated_ = {};
};

}  // namespace cairn::testing
