#pragma once

#include "tests/stress/own_instance.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <vector>

namespace cairn::testing {

/// The instances that one thread made, the latest of which are not let go before they have come to their
/// end.
class OwnCalls {
 public:
  explicit OwnCalls(std::size_t thread) : thread_{thread} {}

  /// Does something by chance.
  void act(Turn& turn);
  /// Makes one that wants an event, sends it, and waits for the end at once; pauses and resumes it before if
  /// it is to.
  void one_from_its_beginning_to_its_end(Turn& turn, bool pauses);
  /// Brings all to their end; stops where the engine ends.
  void finish(Turn& turn);

  /// Instances that were seen to end as they should.
  [[nodiscard]] std::uint64_t ended() const noexcept { return ended_; }

 private:
  static constexpr std::size_t most = 10;

  [[nodiscard]] OwnInstance next(Turn& turn);
  [[nodiscard]] OwnInstance next(Kind kind, int n, bool passes);
  [[nodiscard]] OwnInstance& some(Turn& turn);
  void keep(OwnInstance instance) { instances_.push_back(std::move(instance)); }
  void make(Turn& turn);
  void make_batch(Turn& turn);
  void make_refused_batch(Turn& turn);
  void control(Turn& turn);
  void look(Turn& turn);
  /// False: the engine ended first.
  bool end_oldest(Turn& turn);

  const std::size_t thread_;
  std::uint64_t made_ = 0;
  std::uint64_t ended_ = 0;
  std::list<OwnInstance> instances_;
};

}  // namespace cairn::testing
