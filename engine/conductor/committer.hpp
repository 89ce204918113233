#pragma once

#include "engine/conductor/conductor.hpp"

#include <cairn/store.hpp>

#include <optional>
#include <span>
#include <vector>

namespace cairn::engine {

/// Puts the conductor and the store together: one turn takes inputs, commits one group, and says what is to
/// be done now.
///
/// A role, not a thread: whoever has something to say takes a turn for all. One thread at a time, but for
/// `listen`.
class Committer {
 public:
  Committer(Store& store, Conductor& conductor) : store_(store), conductor_(conductor) {}

  /// Actions may be performed while others take the next turns. `more`: there is work for another turn
  /// already.
  struct Turn {
    Actions actions;
    bool more = false;
  };
  /// A turn in its parts. `prepare` says whether there is a group to `write`; `report` and `finish` follow in
  /// any case. `now` is `Conductor::time_of_turn`, as it is behind `prepare`. Until `finish` the conductor
  /// has the actions: after a fault it gives what was decided.
  [[nodiscard]] bool prepare(std::span<Input> inputs, ClockReading reading);
  void write(Time now);
  void report(Time now);
  [[nodiscard]] Turn finish();
  /// The parts one after the other.
  [[nodiscard]] Turn take(std::vector<Input> inputs, ClockReading reading);

  /// While one thread is in `write` or `maintain`, another may have the conductor hear what bodies bring:
  /// what follows goes into the next group.
  void listen(std::vector<BodyDone> results, ClockReading reading);

  /// A piece of the store's house-keeping, after the callers of a turn have their answers. Whether there is
  /// more to do. Throws `Error`: nothing is lost then.
  bool maintain(Demand demand) { return store_.maintain(demand); }

 private:
  void fail(const char* why) noexcept;
  void foresee(std::span<const Input> inputs);
  void answer_reads(Time now);
  void answer(const Read& read, Time now);
  [[nodiscard]] Names read_names() const;
  void answer(const ReadParked& read);
  void load(std::span<const Key> keys, Time now);
  void look_up(std::span<const ReadTaken* const> batches, Time now);

  const Error no_memory_{Errc::outcome_unknown, "there is no memory"};  // made while there is
  Store& store_;
  Conductor& conductor_;
  std::vector<Outcome> outcomes_;  // of the group that was written last
  std::optional<Error> failure_;   // or why it was not
  bool wrote_ = false;             // this turn had a group
  bool full_ = false;              // this turn has begun as many instances as it may
};

}  // namespace cairn::engine
