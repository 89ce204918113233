#pragma once

#include "engine/conductor.hpp"

#include <cairn/store.hpp>

#include <span>
#include <vector>

namespace cairn::engine {

/// Puts the conductor and the store together: one turn takes inputs, commits one group, and says what is to
/// be done now.
///
/// A role, not a thread: whoever has something to say takes a turn for all. One thread at a time.
class Committer {
 public:
  Committer(Store& store, Conductor& conductor) : store_(store), conductor_(conductor) {}

  /// Actions may be performed while others take the next turns. `more`: there is work for another turn
  /// already.
  struct Turn {
    Actions actions;
    bool more = false;
  };
  [[nodiscard]] Turn take(std::vector<Input> inputs, Time now);

  /// A piece of the store's house-keeping, after the callers of a turn have their answers. Whether there is
  /// more to do. Throws `Error`: nothing is lost then.
  bool maintain() { return store_.maintain(); }

 private:
  void answer_reads(Time now);
  void answer(const Read& read, Time now);
  void load(std::span<const Key> keys, Time now);
  void commit(Time now);

  Store& store_;
  Conductor& conductor_;
};

}  // namespace cairn::engine
