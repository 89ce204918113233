#pragma once

#include "tests/simulation/machine.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::testing {

/// What may happen to an instance, as far as an engine can tell.
enum class Op : std::uint8_t {
  create,  ///< again, with its id
  result,
  failure,
  event,
  other_event,
  time,  ///< until whatever it waits for is due
  pause,
  resume,
  terminate,
  restart,
  sweep,
  evict,  ///< it has been idle for so long that it leaves memory
  crash,
};
inline constexpr std::size_t op_count = 13;

/// What comes between an operation and the next.
enum class Gap : std::uint8_t { nothing, turn, rest };
inline constexpr Gap all_gaps[] = {Gap::nothing, Gap::turn, Gap::rest};

/// What becomes of the last turn.
enum class Turn : std::uint8_t {
  goes_well,
  is_refused,  ///< the disk is full
  fails,       ///< the disk answers no more, and nobody knows whether the group was written
  dies_before_write,
  dies_before_report,
  hears_before_write,  ///< the last operation is a result, and is heard when the group is closed
  hears_after_write,   ///< and when it is written
};
inline constexpr std::size_t turn_count = 7;

/// Where an instance stands when the operations meet it.
struct Scene {
  std::string_view name;
  std::uint64_t program;
  std::vector<Op> before = {};
  bool crowded = false;    ///< another instance holds the only slot
  bool no_worker = false;  ///< its bodies are recorded as in flight, and do not begin before they are to end
  bool no_place = false;   ///< the bodies of others take every place in flight
};
[[nodiscard]] const std::vector<Scene>& scenes();

struct Schedule {
  const Scene* scene = nullptr;
  std::vector<Op> ops = {};
  std::vector<Gap> gaps = {};  ///< one between each two
  Turn turn = Turn::goes_well;
};
[[nodiscard]] std::string to_text(const Schedule& schedule);

/// A machine on which schedules are played, one after the other.
class Stage {
 public:
  Stage(Statistics& statistics, bool aloud);

  /// Whether the schedule could be played: a result needs a body.
  bool play(const Schedule& schedule);
  [[nodiscard]] const std::string& failure() const { return m_.findings.first(); }

 private:
  bool prepare(const Scene& scene);
  bool give(Op op);
  bool give_result(BodyEnd end);
  void close(Gap gap);
  void take_last_turn(const Schedule& schedule);
  void hear(Op op);
  void crash();
  void end(Turn last);
  [[nodiscard]] std::optional<std::size_t> body() const;
  engine::Input control(Command command);
  void create(const std::string& id, std::uint64_t program, const Machine::Workflow& workflow);
  [[nodiscard]] const Machine::Workflow& workflow() const;

  Statistics& statistics_;
  Dice dice_{1};  // for nothing that matters: the machine loses nothing when it dies
  Machine m_;
  const Scene* scene_ = nullptr;
  Key key_ = 0;
};

}  // namespace cairn::testing
