#pragma once

#include "engine/conductor/messages.hpp"

#include <cstddef>
#include <vector>

namespace cairn::engine {

/// What has been brought for the conductor and was not heard yet: results of bodies, which may be heard while
/// a group is written, and everything else, which waits for a turn. Each in the order in which it came.
///
/// Whoever brings something else may be refused for lack of memory; the result of a body may not. So there is
/// always room for as many results as are to come, and for a halt, of which a second one says nothing new.
///
/// Not thread-safe.
class Inbox {
 public:
  Inbox();

  /// Room for so many inputs more that are no results. Throws `bad_alloc`.
  void make_room(std::size_t inputs = 1);
  /// So many results are to come. Throws `bad_alloc`.
  void expect(std::size_t results);
  /// So many of them will not.
  void expect_no_more(std::size_t results) noexcept { expected_ -= results; }
  /// `make_room` or `expect` came before; a halt needs neither.
  void put(Input&& input);

  [[nodiscard]] bool empty() const noexcept { return inputs_.empty() && !halts_ && results() == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return inputs_.size() + (halts_ ? 1 : 0) + results(); }
  [[nodiscard]] std::size_t results() const noexcept { return results_.size() - heard_; }

  /// At most `most` of the results. Throws `bad_alloc`: then none is taken.
  [[nodiscard]] std::vector<BodyDone> take_results(std::size_t most);
  /// All but the results. `make_room` is wanted behind it.
  [[nodiscard]] std::vector<Input> take_inputs() noexcept;

 private:
  std::vector<Input> inputs_;
  bool halts_ = false;
  std::vector<BodyDone> results_;
  std::size_t heard_ = 0;     // of the results: those were taken
  std::size_t expected_ = 0;  // results that are still to come
};

}  // namespace cairn::engine
