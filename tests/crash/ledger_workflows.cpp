#include "tests/crash/ledger_workflows.hpp"

#include "tests/crash/fan.hpp"

#include <boost/asio.hpp>

#include <stdexcept>
#include <utility>

namespace cairn::testing {

using namespace std::chrono_literals;

namespace {

// However often the program dies, no step is given up.
constexpr StepOptions step_options{.retries = {.limit = 3, .delay = 1ms, .backoff = Backoff::constant},
                                   .timeout = 1h,
                                   .crash_limit = 10'000};

constexpr int fan_width = 6;

}  // namespace

std::vector<std::string> LedgerWorkflows::names() {
  return {"chain", "fan", "nap", "stubborn", "signal", "later"};
}

int LedgerWorkflows::expected_output(const std::string& workflow, int number) {
  if (workflow == "chain") return number + 4;
  if (workflow == "fan") return fan_width * number;
  if (workflow == "nap" || workflow == "later") return number + 2;
  return number + (workflow == "stubborn" ? 1 : 12);
}

std::size_t LedgerWorkflows::expected_bodies(const std::string& workflow) {
  if (workflow == "chain") return 4;
  if (workflow == "fan") return fan_width + 1;
  return workflow == "stubborn" ? 1 : 2;
}

void LedgerWorkflows::define_all(Engine& engine) {
  engine.define("chain", [this](Context& ctx, int number) { return chain(ctx, number); });
  engine.define("fan", [this](Context& ctx, int number) {
    const auto note = [this](const auto&... what) { return this->note(what...); };
    return fan(ctx, step_options, fan_width, number, note);
  });
  engine.define("nap", [this](Context& ctx, int number) { return nap(ctx, number); });
  engine.define("stubborn", [this](Context& ctx, int number) { return stubborn(ctx, number); });
  engine.define("signal", [this](Context& ctx, int number) { return signal(ctx, number); });
  engine.define("later", [this](Context& ctx, int number) { return later(ctx, number); });
}

int LedgerWorkflows::note(const std::string& instance, const StepContext& step, int result) {
  ledger_.append(to_text(line_of(Line::Kind::begun, instance, step)), false);
  death_.at("body_begun");
  ledger_.append(to_text(line_of(Line::Kind::effect, instance, step)), true);
  death_.at("effect_written");
  return result;
}

void LedgerWorkflows::note_failure(const std::string& instance, const StepContext& step) {
  ledger_.append(to_text(line_of(Line::Kind::begun, instance, step)), false);
  ledger_.append(to_text(line_of(Line::Kind::failed, instance, step)), true);
}

boost::asio::awaitable<int> LedgerWorkflows::note_later(Line begun, int result) {
  ledger_.append(to_text(begun), false);
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer{executor, 1ms};
  co_await timer.async_wait(boost::asio::use_awaitable);
  begun.kind = Line::Kind::effect;
  ledger_.append(to_text(begun), true);
  co_return result;
}

Task<int> LedgerWorkflows::chain(Context& ctx, int number) {
  const std::string instance = ctx.instance_id();
  for (const char* name : {"one", "two", "three", "four"}) {
    number = co_await ctx.step(name, step_options,
                               [&](StepContext& step) { return note(instance, step, number + 1); });
  }
  co_return number;
}

Task<int> LedgerWorkflows::nap(Context& ctx, int number) {
  const std::string instance = ctx.instance_id();
  number = co_await ctx.step("before", step_options,
                             [&](StepContext& step) { return note(instance, step, number + 1); });
  co_await ctx.sleep("nap", 5ms);
  co_return co_await ctx.step("after", step_options,
                              [&](StepContext& step) { return note(instance, step, number + 1); });
}

Task<int> LedgerWorkflows::stubborn(Context& ctx, int number) {
  const std::string instance = ctx.instance_id();
  co_return co_await ctx.step("stubborn", step_options, [&](StepContext& step) {
    if (step.attempt() > 1) return note(instance, step, number + 1);
    note_failure(instance, step);
    throw std::runtime_error("not at once");
  });
}

Task<int> LedgerWorkflows::signal(Context& ctx, int number) {
  const std::string instance = ctx.instance_id();
  number = co_await ctx.step("ask", step_options,
                             [&](StepContext& step) { return note(instance, step, number + 1); });
  const Event event = co_await ctx.wait_for_event("answer", {.type = "go", .timeout = 24h});
  const int more = event.payload.at("more").get<int>();
  co_return co_await ctx.step("answered", step_options,
                              [&](StepContext& step) { return note(instance, step, number + more); });
}

Task<int> LedgerWorkflows::later(Context& ctx, int number) {
  const std::string instance = ctx.instance_id();
  number = co_await ctx.step("now", step_options,
                             [&](StepContext& step) { return note(instance, step, number + 1); });
  co_return co_await ctx.step("later", step_options, [&](StepContext& step) {
    return note_later(line_of(Line::Kind::begun, instance, step), number + 1);
  });
}

}  // namespace cairn::testing
