#pragma once

#include "tests/stress/bodies.hpp"

#include <cairn/cairn.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::testing {

/// What the instances of the stress program do. Each takes a number, and ends with another one that follows
/// from it alone: whatever is done to an instance meanwhile, its output is known.
enum class Kind : std::uint8_t {
  paces,      // steps that take no time, an event, steps that take 50 µs
  sleeper,    // sleeps of nothing, of a moment, until a time that is past
  fan,        // branches side by side, one of which waits for an event
  stubborn,   // attempts that fail, that pass their timeout, that give up; an event that never comes
  parent,     // a body that creates an instance and waits for it
  awaitable,  // bodies that are coroutines, one of which sends its own instance an event
  failing,    // ends with an error
};
inline constexpr std::size_t kinds = 7;

[[nodiscard]] std::string_view name_of(Kind kind) noexcept;
[[nodiscard]] int expected(Kind kind, int n) noexcept;
/// Whether it ends only when the event "go" has come.
[[nodiscard]] bool wants_event(Kind kind) noexcept;
/// What every "go" for an instance says, whoever sends it.
[[nodiscard]] int payload_of(int n) noexcept;

/// How an instance of any workflow of this program has to end, except by request.
struct Fate {
  std::optional<json> output = std::nullopt;  // nothing: by an error
  bool wants_event = false;
};
/// `workflow`: its name.
[[nodiscard]] Fate fate_of(std::string_view workflow, const json& params);
/// The error that `Kind::failing` ends with, and no other.
[[nodiscard]] bool is_agreed(const std::string& name, const std::string& message, int n);

/// Params that some readings refuse, and the next one perhaps does not: an instance of theirs is parked now
/// and then, as one whose type has changed, and goes on when it is resumed often enough.
struct Moody {
  int n = 0;
};
void to_json(json& value, const Moody& moody);
void from_json(const json& value, Moody& moody);
/// The name of their workflow, and of the error for which they are parked.
inline constexpr std::string_view moody_workflow = "moody";
inline constexpr std::string_view moody_error = "TypeMismatch";

/// Workflows that threads define while others run.
Task<int> extra(Context& ctx, int n);

/// The workflows of one engine. They hold this object: it outlives the bodies.
class Workflows {
 public:
  /// Defines them all.
  explicit Workflows(Engine& engine);
  Workflows(const Workflows&) = delete;
  Workflows& operator=(const Workflows&) = delete;

  [[nodiscard]] Workflow<int, int> of(Kind kind) const { return typed_.at(static_cast<std::size_t>(kind)); }
  [[nodiscard]] const Workflow<int, int>& child() const { return child_; }
  [[nodiscard]] const Workflow<void, void>& nothing() const { return nothing_; }
  [[nodiscard]] Bodies& bodies() const { return bodies_; }

 private:
  mutable Bodies bodies_;
  Workflow<void, void> nothing_;
  Workflow<int, int> child_;
  std::vector<Workflow<int, int>> typed_;
};

/// Defines the code of `Kind::paces` once more, as version "2". Throws as `Engine::define`.
void define_newer_paces(Engine& engine, const Workflows& workflows);

}  // namespace cairn::testing
