#include "tests/stress/engine_calls.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace cairn::testing {

namespace {

using namespace std::chrono_literals;

std::atomic<std::uint64_t> resumed_by_all = 0;

// What somebody else defines under the same name, at the same time, is the same.
void define(Turn& turn, Engine& engine, std::size_t thread) {
  if (turn.dice.one_in(4)) {
    turn.life->shared()->note_newer_paces();
    turn.witness.call(Call::define, {Errc::workflow_conflict},
                      [&] { define_newer_paces(engine, turn.life->workflows()); });
    return;
  }
  const std::string name = "extra-" + std::to_string((thread + turn.dice.pick(2)) % 8);
  turn.life->shared()->note_extra(name);
  std::optional<Workflow<int, int>> defined;
  turn.witness.call(Call::define, {Errc::workflow_conflict}, [&] { defined = engine.define(name, extra); });
  if (!defined) return;
  std::optional<Instance<int>> instance;
  turn.witness.call(Call::create, {},
                    [&] { instance = defined->create({.params = 7, .retention = {.success = 1h}}); });
  if (!instance) return;
  int output = 0;
  const auto refusal = turn.witness.call(Call::wait, {}, [&] { output = instance->wait(); });
  if (!refusal && output != 12) turn.witness.report(Call::wait, name + " has ended with another number");
}

// By its name, without types.
void use_untyped(Turn& turn, const Engine& engine) {
  std::optional<Workflow<json, json>> workflow;
  turn.witness.call(Call::workflow, {}, [&] { workflow = engine.workflow("sleeper"); });
  if (!workflow) return;
  turn.witness.call(Call::check_params, {}, [&] { workflow->check_params(3, "params"); });
  std::optional<Instance<json>> instance;
  turn.witness.call(Call::create, {},
                    [&] { instance = workflow->create({.params = 3, .retention = {.success = 1h}}); });
  if (!instance) return;
  json output;
  const auto refusal = turn.witness.call(Call::wait, {}, [&] { output = instance->wait(); });
  if (!refusal && output != 4) turn.witness.report(Call::wait, "a sleeper has ended with another number");
}

// Those of all threads: whoever resumes, it may be another's that goes on.
void resume_some(Turn& turn, Engine& engine) {
  const ParkedFilter filters[] = {{},
                                  {.workflow = std::string{moody_workflow}},
                                  {.error = std::string{moody_error}},
                                  {.workflow = std::string{moody_workflow}, .error = "NonDeterminism"}};
  const ParkedFilter& filter = turn.dice.any_of(filters);
  std::size_t resumed = 0;
  turn.witness.call(Call::resume_parked, {}, [&] { resumed = engine.resume_parked(filter); });
  resumed_by_all += resumed;
  if (filter.error == "NonDeterminism" && resumed > 0)
    turn.witness.report(Call::resume_parked, "has resumed what is parked for another error");
}

// It is parked now and then, by chance, and goes on only if somebody resumes it.
void use_moody(Turn& turn, Engine& engine) {
  const int n = static_cast<int>(turn.dice.pick(1'000));
  std::optional<Instance<json>> instance;
  turn.witness.call(Call::create_text, {}, [&] {
    instance =
        engine.workflow(moody_workflow).create_text({.params = JsonText{n}, .retention = {.success = 1h}});
  });
  while (instance) {
    std::optional<Errc> refusal;
    const Duration patience{static_cast<std::int64_t>(turn.dice.pick(4))};
    const auto ending = ending_of(
        turn, Call::wait_for, {Errc::timed_out}, [&] { return instance->wait_for(patience).get<int>(); },
        &refusal);
    if (ending && ending->output != n + 9)
      turn.witness.report(Call::wait_for, "a moody instance has ended with something else");
    if (refusal != Errc::timed_out) return;
    resume_some(turn, engine);
  }
}

void use_nothing(Turn& turn) {
  Workflow<void, void> workflow = turn.life->workflows().nothing();
  std::optional<Instance<void>> instance;
  turn.witness.call(Call::create, {}, [&] { instance = workflow.create({.retention = {.success = 1h}}); });
  if (instance) turn.witness.call(Call::wait, {}, [&] { instance->wait(); });
}

template <class Function>
void expect_refusal(Turn& turn, Call call, Errc code, Function&& function) {
  if (!turn.witness.call(call, {code}, function)) turn.witness.report(call, "took what breaks a rule");
}

// Is refused, and changes nothing.
void ask_for_nonsense(Turn& turn, Engine& engine) {
  Workflow<int, int> workflow = turn.life->workflows().of(Kind::paces);
  expect_refusal(turn, Call::create, Errc::invalid_argument, [&] { workflow.create({.id = "two words"}); });
  expect_refusal(turn, Call::create_batch, Errc::invalid_argument, [&] { workflow.create_batch({}); });
  expect_refusal(turn, Call::list, Errc::invalid_argument,
                 [&] { static_cast<void>(workflow.list({.limit = 0})); });
  expect_refusal(turn, Call::get, Errc::instance_not_found,
                 [&] { static_cast<void>(workflow.get("nobody")); });
  expect_refusal(turn, Call::workflow, Errc::workflow_not_found,
                 [&] { static_cast<void>(engine.workflow("unknown")); });
  expect_refusal(turn, Call::define, Errc::invalid_argument, [&] { engine.define("two words", extra); });
  expect_refusal(turn, Call::resume_parked, Errc::workflow_not_found,
                 [&] { engine.resume_parked({.workflow = "unknown"}); });
  expect_refusal(turn, Call::check_params, Errc::invalid_argument,
                 [&] { workflow.check_params("three", "params"); });
}

void list(Turn& turn) {
  const Workflow<int, int> workflow = turn.life->workflows().of(
      Kind{static_cast<std::uint8_t>(turn.dice.pick(kinds))});
  ListFilter filter{.newest_first = turn.dice.one_in(2), .limit = 1 + turn.dice.pick(20)};
  if (turn.dice.one_in(2)) filter.status = Status{static_cast<std::uint8_t>(turn.dice.pick(8))};
  for (int pages = 0; pages < 3; ++pages) {
    Page page;
    const auto refusal = turn.witness.call(Call::list, {}, [&] { page = workflow.list(filter); });
    if (refusal || page.cursor.empty()) return;
    filter.cursor = page.cursor;
  }
}

void sweep(Turn& turn, Engine& engine) {
  const auto refusal = turn.witness.call(Call::sweep, {Errc::clock_unconfirmed}, [&] { engine.sweep(); });
  if (refusal == Errc::clock_unconfirmed)
    turn.witness.call(Call::confirm_clock, {}, [&] { engine.confirm_clock(); });
}

}  // namespace

std::uint64_t parked_and_resumed() noexcept {
  return resumed_by_all;
}

void expect_sound(Witness& witness, const Engine& engine) {
  Metrics metrics;
  witness.call(Call::metrics, {}, [&] { metrics = engine.metrics(); });
  if (metrics.missed_wakeups > 0)
    witness.report(Call::metrics, "has missed " + std::to_string(metrics.missed_wakeups) + " wake-ups");
  Health health;
  const auto refusal = witness.call(Call::health, {}, [&] { health = engine.health(); });
  if (refusal || health.state != HealthState::failed) return;
  std::string text = "has failed";
  for (const Complaint& complaint : health.complaints)
    text += "; " + complaint.code + ": " + complaint.message;
  witness.report(Call::health, text);
}

void act_on_engine(Turn& turn, std::size_t thread) {
  static constexpr std::array<std::size_t, 13> weights{2, 2, 1, 1, 1, 3, 3, 2, 1, 1, 2, 1, 1};
  const std::size_t choice = turn.dice.weighted(weights);
  if (choice == 0) return list(turn);
  if (choice == 1) return use_nothing(turn);
  Witness& witness = turn.witness;
  turn.life->visit([&](Engine& engine) {
    switch (choice) {
      case 2:
        return define(turn, engine, thread);
      case 3:
        return use_untyped(turn, engine);
      case 4:
        return ask_for_nonsense(turn, engine);
      case 5:
        return sweep(turn, engine);
      case 6:
        return expect_sound(witness, engine);
      case 7:
        witness.call(Call::workflows, {}, [&] { static_cast<void>(engine.workflows()); });
        return;
      case 8:
        witness.call(Call::confirm_clock, {}, [&] { engine.confirm_clock(); });
        return;
      case 9:  // perhaps the first one to ask for it
        witness.call(Call::start, {}, [&] { engine.start(); });
        return;
      case 10:
        return use_moody(turn, engine);
      case 11:
        return resume_some(turn, engine);
      default:
        witness.call(Call::options, {}, [&] { static_cast<void>(engine.options()); });
    }
  });
}

}  // namespace cairn::testing
