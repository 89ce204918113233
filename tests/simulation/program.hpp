#pragma once

#include <cairn/cairn.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::testing {

struct Node;
/// Nodes that come one after the other.
using Block = std::vector<Node>;

/// One thing that a random program does.
struct Node {
  enum class Kind : std::uint8_t { step, create, sleep, sleep_until, wait, branches, map, fail, give_up };
  Kind kind = Kind::step;
  std::string name = {};
  StepOptions options = {};
  Duration span = {};  ///< of a sleep (`sleep_until`: after the creation), timeout of a wait
  std::string event = {};
  std::vector<Block> branches = {};
  std::size_t elements = 0;  ///< of a map
};

/// The name of all steps that create instances.
inline constexpr std::string_view creating_step = "make";

/// What instances are given.
struct Params {
  std::uint64_t program = 0;
  std::int64_t request = 0;  ///< whose wish it was: never the same twice
  bool may_create = false;   ///< its steps may make further instances
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Params, program, request, may_create)

/// Who writes the programs: the same for the same params, every time.
using Author = Block (*)(const Params& params);
/// Anything, by chance.
[[nodiscard]] Block random_program(const Params& params);

/// What the bodies of all programs do, and what befalls their code.
class Bodies {
 public:
  virtual ~Bodies() = default;
  /// What the step gives, or throws.
  virtual std::string run(const Node& node, StepContext& step) = 0;
  /// Workflow code comes to a node, now or in a replay. May throw that there is no memory.
  virtual void come_to_node() {}
};

/// The workflow function: runs the program that its params name. It gives all that its steps gave, in the
/// order of the program: one entry for each recorded step, ended by ';'.
struct Interpreter {
  Bodies* bodies = nullptr;
  Author author = random_program;

  Task<std::string> operator()(Context& ctx, Params params) const;
};

/// What a complete instance must have given, entry by entry, sorted: read off its record.
[[nodiscard]] std::vector<std::string> entries_of(const History& history);
/// The entries of an output, sorted.
[[nodiscard]] std::vector<std::string> entries_of(const std::string& output);

}  // namespace cairn::testing
