#pragma once

#include "tests/crash/child.hpp"

#include <cstddef>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace cairn::testing {

/// How memory is missing in a host's life, and how often that is tried.
struct Lack {
  std::string name;
  std::size_t requests = 1;            ///< that fail, one after the other
  std::size_t stride = 1;              ///< every so many-th request is the first of them
  std::vector<std::string> must = {};  ///< become of some hosts

  friend void PrintTo(const Lack& lack, std::ostream* out) { *out << lack.name; }
};

/// Lets a host live until it ends, and hurries it when it hangs, which is a failure of the test. What has
/// become of it, in words; `not reached` when it needs less memory.
[[nodiscard]] std::string become_of(Child& host);

/// Calls `live` with the number of the first request that fails, for every one that is tried, until a host
/// does not reach it any more; tells how many there were of each kind. One of `shards` equal parts.
void try_each(const Lack& lack, std::size_t shard, std::size_t shards,
              const std::function<std::string(std::size_t k)>& live);

}  // namespace cairn::testing
