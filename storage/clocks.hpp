#pragma once

#include <cairn/store.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

// How spans keep their length when the wall clock is set (`MoveClock`): arithmetic that every store asks,
// free of any database.
//
// A clock is a number that rises with every owner and with every `MoveClock`. A row bears the number of the
// clock by which its times were written, and ranges of such numbers say what has moved since.
namespace cairn::storage {

// What was written by the clocks from `first` to `last` has moved by so much since.
struct Leap {
  std::int64_t first = 0;
  std::int64_t last = 0;
  Duration moved = {};
  Duration least = {};  // less than `moved` where two leaps became one
  bool operator==(const Leap&) const = default;
};

// How far the times of a row have moved. Where that is not known any more, a span lasts too long rather than
// too short, and nothing is woken too late.
struct Shift {
  Duration ends = {};    // of when a step is due, and an instance expires
  Duration begins = {};  // of when a pause began
  Duration wakes = {};   // of a wake time: back, and never forward
  bool operator==(const Shift&) const = default;
};

// The ranges, rising; none of them has moved by nothing.
class Leaps {
 public:
  static constexpr std::size_t count_max = 1'000;
  static constexpr std::size_t shifts_max = 64;  // of each kind, besides that of what has not moved

  Leaps() = default;
  explicit Leaps(std::vector<Leap> leaps) : leaps_{std::move(leaps)} {}

  // What was written by the clocks from `first` to `last` moves by `by` more. Nothing above `last` has moved
  // yet. All or nothing.
  void add(std::int64_t first, std::int64_t last, Duration by);

  [[nodiscard]] Shift shift_of(std::int64_t clock) const noexcept;
  // The different ones that there are, with that of what has not moved.
  [[nodiscard]] std::vector<Duration> shifts(Duration Shift::*kind) const;

  [[nodiscard]] bool empty() const noexcept { return leaps_.empty(); }
  [[nodiscard]] std::span<const Leap> all() const noexcept { return leaps_; }

 private:
  std::vector<Leap> leaps_;
};

// What a store keeps of clocks.
struct ClockState {
  std::int64_t number = 0;                                    // of the present one
  std::optional<std::int64_t> doubtful_since = std::nullopt;  // first number of the present chain of doubt
  Time believed_until = {};                                   // then: the last time that was stored before it
  Leaps leaps = {};
};

// The clocks of a store that has an owner.
class Clocks {
 public:
  Clocks() = default;
  // As the owner finds them who has just come, the number of whose first clock stands there already.
  explicit Clocks(ClockState found);

  // The same owner reads them anew.
  void read_again(ClockState found) { state_ = std::move(found); }

  // `last_time`: when the last group before that of the change was written. All or nothing; nothing where the
  // change was made before.
  void move(const MoveClock& change, Time last_time);

  [[nodiscard]] const ClockState& state() const noexcept { return state_; }
  [[nodiscard]] std::int64_t number() const noexcept { return state_.number; }
  [[nodiscard]] const Leaps& leaps() const noexcept { return state_.leaps; }
  // The first of the clocks whose spans move with the next `MoveClock`.
  [[nodiscard]] std::int64_t moves_from() const noexcept { return moves_from_; }

 private:
  ClockState state_;
  std::int64_t moves_from_ = 0;
};

// What the time is for each change of a group: that of the group is of its last clock, and what stands before
// a `MoveClock` is written by the clock before.
class GroupTime {
 public:
  // `number`: of the present clock. `end`: of the group.
  GroupTime(std::span<const Change> group, std::int64_t number, Time end);

  [[nodiscard]] Time now() const { return saturating_add(end_, lead_); }
  // What follows it is next.
  void pass(const Change& change);

 private:
  static bool begins_clock(const MoveClock& move, std::int64_t& number);

  std::int64_t number_;
  Time end_;
  Duration lead_ = {};  // of the clock of the next change before the last one
};

// From what is stored to what is read, for a row whose clock has moved by that.
void move(InstanceRow& row, const Shift& shift);
// Of a step that is open, with the number of its clock. One that has ended is as it was then.
void move(StepRow& step, std::int64_t clock, const Leaps& leaps, std::int64_t moves_from);
// The same of a due time alone.
[[nodiscard]] std::optional<Time> moved_due(std::optional<Time> due, bool fixed, const Shift& shift);

}  // namespace cairn::storage
