#pragma once

#include "tests/simulation/findings.hpp"

#include <cairn/store.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>

namespace cairn::testing {

/// When a group was written: by the clock that never leaps, and between which leaps of the other one.
struct Moment {
  Time now = {};
  Duration uptime = {};
  std::size_t leaps = 0;
  Duration corrected = {};  ///< by leaps that are too small for one, in all
  std::size_t life = 0;
};

/// Holds every sleep against its length: within one life by the clock that never leaps, and across lives by
/// the wall clock, if that has not leapt meanwhile.
class Sleeps {
 public:
  explicit Sleeps(Findings& findings) : findings_{findings} {}

  void follow(const Advance& advance, const Advanced& advanced, Moment moment);
  /// That was all of a group.
  void end_group(const Moment& moment) { leaps_before_ = moment.leaps; }

 private:
  struct Sleep {
    Duration length = {};
    Moment begin = {};
  };
  using Id = std::tuple<Key, std::int32_t, Sequence>;  // instance, run, step

  void check(const Id& id, const Sleep& sleep, const Moment& end) const;

  Findings& findings_;
  std::map<Id, Sleep> sleeps_;
  std::size_t leaps_before_ = 0;  // when the group before was written
};

}  // namespace cairn::testing
