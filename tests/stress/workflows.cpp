#include "tests/stress/workflows.hpp"

#include "tests/stress/workflow_code.hpp"

#include <atomic>
#include <cstdint>
#include <stdexcept>

namespace cairn::testing {

namespace {

using Code = Task<int> (*)(Context&, const Workflows*, int);

constexpr std::array<std::string_view, kinds> names{"paces",  "sleeper",   "fan",    "stubborn",
                                                    "parent", "awaitable", "failing"};
constexpr std::array<Code, kinds> codes{code::paces,  code::sleeper,   code::fan,    code::stubborn,
                                        code::parent, code::awaitable, code::failing};

Workflow<int, int> define_code(Engine& engine, std::string_view name, Code code, const Workflows* workflows,
                               WorkflowOptions options = {}) {
  return engine.define(
      name, [code, workflows](Context& ctx, int n) { return code(ctx, workflows, n); }, std::move(options));
}

}  // namespace

std::string_view name_of(Kind kind) noexcept {
  return names[static_cast<std::size_t>(kind)];
}

int payload_of(int n) noexcept {
  return n % 7;
}

bool wants_event(Kind kind) noexcept {
  return kind == Kind::paces || kind == Kind::fan;
}

int expected(Kind kind, int n) noexcept {
  switch (kind) {
    case Kind::paces:
      return 8 * n + payload_of(n);
    case Kind::sleeper:
      return n + 1;
    case Kind::fan:
      return 3 * n + payload_of(n) + 30;
    case Kind::stubborn:
      return 2 * n + 111;
    case Kind::parent:
      return 4 * n + 2;
    case Kind::awaitable:
      return 3 * n + 2;
    case Kind::failing:
      break;
  }
  return 0;
}

Fate fate_of(std::string_view workflow, const json& params) {
  if (workflow == "nothing") return {.output = json(nullptr)};
  const int n = params.get<int>();
  if (workflow == moody_workflow) return {.output = n + 9};
  if (workflow == "child") return {.output = 2 * n + 1};
  if (workflow.starts_with("extra")) return {.output = n + 5};
  for (std::size_t i = 0; i < kinds; ++i) {
    if (names[i] != workflow) continue;
    const Kind kind{static_cast<std::uint8_t>(i)};
    if (kind == Kind::failing) return {};
    return {.output = expected(kind, n), .wants_event = wants_event(kind)};
  }
  return {};
}

bool is_agreed(const std::string& name, const std::string& message, int n) {
  return name == "Agreed" && message == code::agreed_message(n);
}

Task<int> extra(Context& ctx, int n) {
  int more = co_await ctx.step("add", [n] { return n + 5; });
  co_return more;
}

void to_json(json& value, const Moody& moody) {
  value = moody.n;
}

// Neither by turns nor by who asks, but for the process as a whole: no instance is refused for ever.
void from_json(const json& value, Moody& moody) {
  static std::atomic<std::uint64_t> readings = 0;
  constexpr std::uint64_t golden = 0x9e37'79b9'7f4a'7c15;
  if ((++readings * golden) >> 63 != 0) throw std::invalid_argument{"it is not in the mood"};
  moody.n = value.get<int>();
}

Workflows::Workflows(Engine& engine)
    : nothing_{engine.define("nothing", code::nothing)},
      child_{define_code(engine, "child", code::child, this)} {
  engine.define(moody_workflow, code::moody);
  for (std::size_t i = 0; i < kinds; ++i) typed_.push_back(define_code(engine, names[i], codes[i], this));
}

void define_newer_paces(Engine& engine, const Workflows& workflows) {
  define_code(engine, name_of(Kind::paces), code::paces, &workflows, {.version = "2"});
}

}  // namespace cairn::testing
