#pragma once

#include <cairn/store.hpp>
#include <cairn/time.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>

namespace cairn::engine {

/// What runs a body.
enum class Carrier : std::uint8_t {
  worker,  ///< a thread of the step pool, which it keeps until it returns
  loop,    ///< the loop of awaitable bodies, which all of them share
};
inline constexpr std::array carriers{Carrier::worker, Carrier::loop};

/// How many bodies are in flight, and who waits until there is a place among them.
///
/// What is in flight when a process dies counts as cut off. So of the bodies that wait for a worker only as
/// many are in flight as the workers take while a group is written: a worker that is free must not wait for a
/// commit. That number is measured: twice what has ended in a turn of late, so that it grows while it is
/// never enough. A body that waits for another instance needs no place.
///
/// Places are given in the order of waiting, to one body of an instance at a time. A plain object; no thread,
/// no clock.
class Places {
 public:
  /// `spare`: so many may wait for a worker before anything is measured.
  Places(std::size_t workers, std::size_t spare, std::size_t loop)
      : workers_(workers), spare_(spare), loop_(loop) {}

  /// Whether a body may begin now. Those that wait come first.
  [[nodiscard]] bool free(Carrier carrier, Duration uptime) const {
    const Kind& kind = kinds_[index(carrier)];
    return kind.waiting.empty() && has_room(carrier, uptime);
  }
  void take(Carrier carrier) { ++kinds_[index(carrier)].taken; }
  void leave(Carrier carrier) { --kinds_[index(carrier)].taken; }

  /// A body of that instance waits. Once is enough for all of them.
  void wait(Carrier carrier, Key key);
  /// None of them does any more.
  void forget(Carrier carrier, Key key);
  /// The instance whose turn it is, if there is a place for a body of it. It has to `wait` again for others.
  [[nodiscard]] std::optional<Key> next(Carrier carrier, Duration uptime);
  /// Whether `next` gives anything.
  [[nodiscard]] bool ready(Duration uptime) const;

  /// A worker's body has returned.
  void note_end() { ++ended_; }
  /// A group is closed: what is begun from now on begins after its commit.
  void end_turn(Duration uptime);

 private:
  struct Kind {
    std::size_t taken = 0;
    std::map<std::uint64_t, Key> waiting = {};            // by number, as they came
    std::unordered_map<Key, std::uint64_t> numbers = {};  // of those that wait
  };

  static std::size_t index(Carrier carrier) { return static_cast<std::size_t>(carrier); }
  [[nodiscard]] bool has_room(Carrier carrier, Duration uptime) const;
  /// Of the bodies that ended in a turn: what is left of the measure at that time.
  [[nodiscard]] std::size_t remembered(Duration uptime) const;

  const std::size_t workers_;
  const std::size_t spare_;
  const std::size_t loop_;
  std::array<Kind, carriers.size()> kinds_;
  std::uint64_t next_number_ = 0;
  std::size_t ended_ = 0;      // in this turn
  std::size_t in_a_turn_ = 0;  // the most that ended in one of the last turns
  Duration measured_ = {};     // when that was
};

}  // namespace cairn::engine
