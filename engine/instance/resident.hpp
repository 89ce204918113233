#pragma once

#include "engine/instance/frames.hpp"
#include "engine/instance/grant.hpp"
#include "engine/instance/launch.hpp"
#include "engine/instance/reply.hpp"
#include "engine/instance/residency.hpp"
#include "engine/scheduler/lane.hpp"
#include "engine/scheduler/places.hpp"

#include <cairn/change.hpp>
#include <cairn/detail/core.hpp>
#include <cairn/rows.hpp>
#include <cairn/workflow.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

namespace cairn::engine {

/// A body that runs, or that will run once the commit that records its attempt has returned.
struct Flight {
  std::stop_source stop = {};
  std::int32_t attempt = 1;
  Carrier carrier = Carrier::worker;
  std::shared_ptr<Launch> launch = {};           ///< since the commit
  std::optional<Duration> look_at = {};          ///< the uptime before which it cannot time out
  std::set<detail::WaitNumber> waits = {};       ///< for other instances, that have begun
  std::set<detail::WaitNumber> over_first = {};  ///< waits that were over before they were told to begin
  bool lends = false;                            ///< its place among the bodies in flight
  bool timed_out = false;  ///< asked to stop; the attempt counts as failed at its deadline

  /// When its body began; nothing: it has not.
  [[nodiscard]] std::optional<Launch::Beginning> beginning() const {
    return launch ? launch->beginning() : std::nullopt;
  }
};

/// A body that has waited, and holds nothing before its instance has its slot again: who holds a place while
/// it wants a slot may stand in the way of who has a slot and wants a place.
struct Returning {
  Sequence started_seq = 0;
  std::shared_ptr<Grant> granted = {};
};

/// An event on its way straight to the wait that it satisfies. It is recorded as what the wait returned, and
/// never as an event that waits to be consumed.
struct Arrival {
  SendEvent event = {};
  Reply reply = {};
};

/// What can be delivered: an event to a wait, or the end of a sleep, or of the time of a wait.
struct Delivery {
  Sequence started_seq = 0;
  std::optional<std::size_t> event = {};  ///< its place in `events`; nothing: the time is up
};

/// Waiting residents, those that have waited longest first.
struct Idle {
  Time since = {};
  Key key = 0;
  std::size_t bytes = 0;  ///< of text that its frames were given
};
using IdleList = std::list<Idle>;

/// An instance that is in memory: its frames, the events that it has not taken yet, and its bodies.
struct Resident {
  Residency residency = 0;
  Key key = 0;
  std::string id = {};
  std::int64_t workflow = 0;
  LaneId lane = {};
  std::int32_t run = 1;
  Status status = Status::queued;      ///< after the last change that was emitted
  std::optional<Time> wake_at = {};    ///< as recorded when it began to wait
  Duration paused_for = {};            ///< pauses of this run that have ended
  std::optional<Time> paused_at = {};  ///< of the pause that bodies still run through
  std::shared_ptr<const detail::Definition> definition = {};
  std::unique_ptr<Frames> frames = {};
  std::deque<EventRow> events = {};
  std::unique_ptr<Arrival> arrival = {};  ///< of the event in `events` that has no number yet
  std::map<Sequence, Flight> flights = {};
  std::array<std::deque<Sequence>, carriers.size()> unplaced = {};  ///< steps that wait for a place in flight
  std::size_t lending = 0;                                          ///< flights that lend their places
  std::vector<Returning> returning = {};                            ///< flights that want the slot back
  std::optional<Time> alarm = {};                                   ///< as it stands in the conductor's list
  std::optional<IdleList::iterator> idle = {};
  bool moved = false;  ///< by a leap, since it wrote until when it waits
  bool holds_slot = false;
  bool has_moved = false;         ///< a change of it was emitted since it has its slot
  bool wants_slot = false;        ///< woken, and in its lane's queue
  bool slot_lent = false;         ///< all its bodies wait for others, which may have it
  bool wants_back = false;        ///< the slot that it has lent, and is in its lane's queue
  bool suspended = false;         ///< about to pause: what its bodies bring is kept for its frames
  bool condemned = false;         ///< its frames are never resumed again; kept until its bodies have returned
  bool dead = false;              ///< terminated or restarted: the store refuses what its bodies bring
  bool pausing = false;           ///< when its bodies have returned, it is paused, if the store knows of it
  bool rebuild = false;           ///< when its bodies have returned, it begins anew from the record
  bool interrupted_seen = false;  ///< attempts that a crash cut off are recorded
  bool over = false;              ///< its last change is emitted: nothing wakes it any more
  std::size_t suspicion = 0;      ///< places that it takes among the suspects of a crash loop
  std::optional<std::uint64_t> rests_since = {};  ///< the turn in which its share was spent; it has more to
                                                  ///< do

  /// For people.
  [[nodiscard]] std::string name() const { return '"' + id + "\" of workflow \"" + definition->name + '"'; }
  /// Whether what is due or comes takes it on at once.
  [[nodiscard]] bool is_able() const {
    return !condemned && !suspended && !over && !wants_slot && !wants_back && !rests_since;
  }

  /// What is to be delivered first at that time: an event that is waited for, or else what has been due
  /// longest.
  [[nodiscard]] std::optional<Delivery> next_delivery(Time now) const;
  /// Whether an open wait takes events of that type.
  [[nodiscard]] bool awaits(const std::string& type) const;
  /// Since when there is something to do for it: a step is due, or an event is there. At most `now`.
  [[nodiscard]] Time due_since(Time now) const;
  /// The paused time up to `time`.
  [[nodiscard]] Duration paused_until(Time time) const;
  void begin_pause(Time now);
  void end_pause(Time now);
  /// Whether it waits, and the store may wake it before anything is due, since the wall clock was set. Then
  /// it is to wait again: the store is asked once for each wake time.
  [[nodiscard]] bool may_be_woken_early() const { return idle && moved && is_able(); }
  /// The wall clock was set: what began by it keeps its length.
  void move_clock(Duration by);
  /// When an open step is due, with the paused time.
  [[nodiscard]] std::optional<Time> due_of(const OpenStep& step) const {
    if (!step.due) return std::nullopt;
    return step.due_fixed ? *step.due : saturating_add(*step.due, paused_for);
  }
  /// The earliest time at which an open step is due; one that is, and waits for its place, is due no more.
  [[nodiscard]] std::optional<Time> next_due() const;
  /// The same, if somebody has to look then.
  [[nodiscard]] std::optional<Time> next_alarm() const;
  /// Whether a step waits for its place.
  [[nodiscard]] bool has_unplaced() const;
};

}  // namespace cairn::engine
