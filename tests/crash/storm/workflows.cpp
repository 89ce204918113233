#include "tests/crash/storm/workflows.hpp"

namespace cairn::testing {

using namespace std::chrono_literals;

namespace {

constexpr int events_of_listen = 3;
// However often the program dies, no step is given up.
constexpr StepOptions step_options{.timeout = 1h, .crash_limit = 10'000};

}  // namespace

std::vector<std::string> StormWorkflows::names() {
  std::vector<std::string> names = LedgerWorkflows::names();
  names.insert(names.end(), {"listen", "give_up"});
  return names;
}

int StormWorkflows::events_wanted(const std::string& workflow) {
  if (workflow == "listen") return events_of_listen;
  return workflow == "signal" ? 1 : 0;
}

void StormWorkflows::define_all(Engine& engine) {
  ledger_workflows_.define_all(engine);
  engine.define("listen", [this](Context& ctx, int number) { return listen(ctx, number); });
  engine.define("give_up", [this](Context& ctx, int number) { return give_up(ctx, number); });
}

Task<int> StormWorkflows::listen(Context& ctx, int number) {
  const std::string instance = ctx.instance_id();
  for (int heard = 0; heard < events_of_listen; ++heard) {
    const Event event = co_await ctx.wait_for_event("word", {.type = "go", .timeout = 24h});
    const int brought = event.payload.at("number").get<int>();
    number = co_await ctx.step("heard", step_options, [&](StepContext& step) {
      return ledger_workflows_.note(instance, step, number + brought);
    });
  }
  co_return number;
}

Task<int> StormWorkflows::give_up(Context& ctx, int number) {
  const std::string instance = ctx.instance_id();
  co_return co_await ctx.step("try", step_options, [&](StepContext& step) {
    ledger_workflows_.note_failure(instance, step);
    if (number >= 0) throw NonRetryableError("never");
    return number;
  });
}

}  // namespace cairn::testing
