#pragma once

#include "engine/scheduler/lane.hpp"
#include "engine/scheduler/slots.hpp"

#include <cairn/store.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cairn::engine {

/// Who waits for a slot, and whose turn it is.
///
/// Lanes take turns. The woken of any lane go before those newly created in any, and before both those that
/// have lent their slots and want them back. Which lanes have somebody to begin is known at any time, so that
/// no call walks over those that have nobody. A plain object; no thread, no clock.
class Scheduler {
 public:
  explicit Scheduler(std::size_t concurrency) : slots_(concurrency) {}

  /// The lane of a workflow, which is made where there is none.
  [[nodiscard]] LaneId lane_of(std::int64_t workflow);
  [[nodiscard]] bool knows(std::int64_t workflow) const { return of_workflows_.contains(workflow); }
  [[nodiscard]] std::int64_t workflow_of(LaneId lane) const { return lanes_.at(lane).workflow; }

  // slots
  void set_limit(LaneId lane, std::size_t slots);
  void take_slot(LaneId lane);
  void give_slot_back(LaneId lane);
  [[nodiscard]] std::size_t taken() const noexcept { return slots_.taken(); }
  [[nodiscard]] bool has_free_slot(LaneId lane) const { return slots_.free(lanes_.at(lane).slots); }
  [[nodiscard]] std::size_t free_slots(LaneId lane) const { return slots_.left(lanes_.at(lane).slots); }
  /// Why an instance of that lane has none, for people.
  [[nodiscard]] std::optional<std::string> held_back_by(LaneId lane) const {
    return slots_.reason(lanes_.at(lane).slots);
  }
  /// Without its turn in the lane: nobody is passed by who wants back what it has lent.
  [[nodiscard]] bool may_begin_at_once(LaneId lane) const { return has_free_slot(lane) && wants_back_ == 0; }
  /// Whether somebody waits for a slot that an instance of that lane holds.
  [[nodiscard]] bool is_wanted(LaneId lane) const;

  // those who wait
  void push_woken(LaneId lane, Key key);
  void push_created(LaneId lane, Key key);
  void push_behind(LaneId lane, Key key);
  void push_returning(LaneId lane, Key key);
  void drop_returning(LaneId lane, Key key);
  /// What the store has of a lane's queued instances, up to `read_to`.
  void fetched(LaneId lane, const std::vector<Key>& keys, Key read_to, bool complete);
  void rescan(LaneId lane);
  void rescan_all();

  struct Next {
    LaneId lane = {};
    Key key = 0;
  };
  /// Whose turn it is to begin, where a slot is free.
  [[nodiscard]] std::optional<Next> next();
  /// The same of those that want back what they have lent.
  [[nodiscard]] std::optional<Key> next_returning();
  /// Whether either has somebody to give.
  [[nodiscard]] bool has_next() const;

  [[nodiscard]] const Lane& lane(LaneId lane) const { return lanes_.at(lane).queue; }
  [[nodiscard]] std::size_t woken() const noexcept { return woken_; }
  /// Lanes of which the store is to be asked for more.
  [[nodiscard]] const std::set<LaneId>& unread() const noexcept { return list(Kind::unread); }
  /// Lanes with woken instances that nobody has looked at.
  [[nodiscard]] const std::set<LaneId>& unseen() const noexcept { return list(Kind::unseen); }
  [[nodiscard]] std::vector<Key> take_unseen(LaneId lane, std::size_t count_max);

 private:
  /// The lists in which a lane stands. Of the first three, while it has a slot of its own left.
  enum class Kind : std::uint8_t { returning, woken, ready, waiting, unread, unseen };
  static constexpr std::size_t kinds = 6;

  struct Place {
    explicit Place(std::int64_t number) : workflow(number) {}
    std::int64_t workflow;
    Lane queue = {};
    LaneSlots slots = {};
    std::array<bool, kinds> listed = {};
    std::size_t woken = 0;  // as counted
    std::size_t wants_back = 0;
  };

  [[nodiscard]] const std::set<LaneId>& list(Kind kind) const noexcept {
    return lists_[static_cast<std::size_t>(kind)];
  }
  template <class Change>
  void change(LaneId lane, Change change);
  void note(LaneId lane, Place& place);
  [[nodiscard]] std::optional<LaneId> take_turn(Kind kind);

  Slots slots_;
  std::map<std::int64_t, LaneId> of_workflows_;
  std::map<LaneId, Place> lanes_;
  std::array<std::set<LaneId>, kinds> lists_;
  std::size_t woken_ = 0;
  std::size_t wants_back_ = 0;
  LaneId served_ = {};  // the lane that had its turn last
};

}  // namespace cairn::engine
