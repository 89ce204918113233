#include "tests/stress/shared_calls.hpp"

#include "tests/stress/text_calls.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace cairn::testing {

namespace {

using namespace std::chrono_literals;

NewInstance<int> as_new(const SharedInstance& shared) {
  NewInstance<int> instance{.id = shared.id, .params = shared.n};
  if (shared.passes) instance.retention = {.success = 5ms, .error = 5ms};
  return instance;
}

Errc gone(const SharedInstance& shared) {
  return shared.passes ? Errc::instance_not_found : Errc{};
}

// The handle, where the instance is. Made once, it is there for everybody.
std::optional<Instance<int>> find(Turn& turn, const SharedInstance& shared) {
  const bool must_be_there = shared.made && !shared.passes;
  const Workflow<int, int> workflow = turn.life->workflows().of(shared.kind);
  std::optional<Instance<int>> found;
  const auto refusal = turn.witness.call(Call::find, {}, [&] { found = workflow.find(shared.id); });
  if (!refusal && !found && must_be_there) turn.witness.report(Call::find, shared.id + " is not there");
  return found;
}

std::optional<Instance<int>> make(Turn& turn, SharedInstance& shared) {
  std::optional<Instance<int>> made;
  const auto refusal = create(turn, shared.kind, as_new(shared), {Errc::instance_already_exists}, made);
  if (!refusal || refusal == Errc::instance_already_exists) shared.made = true;
  return made ? made : find(turn, shared);
}

void control(Turn& turn, SharedInstance& shared, const Instance<int>& instance) {
  Witness& witness = turn.witness;
  switch (turn.dice.pick(8)) {
    case 0:
    case 1:
      witness.call(Call::pause, {Errc::cannot_pause, gone(shared)}, [&] { instance.pause(); });
      return;
    case 2:
      shared.terminated = true;  // before it is asked for: others may see it at once
      witness.call(Call::terminate, {Errc::cannot_terminate, gone(shared)}, [&] { instance.terminate(); });
      return;
    case 3:
      witness.call(Call::restart, {gone(shared)}, [&] { instance.restart(); });
      return;
    case 4:
      send_go(turn, instance, shared.n, {Errc::cannot_send_event, gone(shared)});
      return;
    case 5:
      return turn.dice.one_in(2) ? post_go(turn, instance, shared.n, shared.passes)
                                 : post_go_and_cancel(turn, instance, shared.n, shared.passes);
    default:
      witness.call(Call::resume, {Errc::cannot_resume, gone(shared)}, [&] { instance.resume(); });
  }
}

void hold_against(const Turn& turn, Call call, const SharedInstance& shared, const Ending& ending) {
  const std::string complaint = judge(ending, shared.kind, shared.n, shared.terminated);
  if (!complaint.empty()) turn.witness.report(call, shared.id + ' ' + complaint);
}

void wait_a_while(Turn& turn, const SharedInstance& shared, const Instance<int>& instance) {
  const Duration patience{static_cast<std::int64_t>(turn.dice.pick(5))};
  const auto ending = ending_of(turn, Call::wait_for, {Errc::timed_out, gone(shared)},
                                [&] { return instance.wait_for(patience); });
  if (ending) hold_against(turn, Call::wait_for, shared, *ending);
}

// Those of one kind together: each is made or skipped.
void make_all_of(Turn& turn, Kind kind) {
  std::vector<NewInstance<int>> batch;
  std::vector<SharedInstance*> asked_for;
  for (std::size_t i = static_cast<std::size_t>(kind); i < SharedInstances::size; i += kinds) {
    asked_for.push_back(&(*turn.life->shared())[i]);
    batch.push_back(as_new(*asked_for.back()));
  }
  BatchResult result;
  if (create_batch(turn, kind, std::move(batch), {}, {}, result)) return;
  for (SharedInstance* shared : asked_for) shared->made = true;
  const bool taken = std::ranges::all_of(
      result.skipped, [](const SkippedInstance& one) { return one.code == Errc::instance_already_exists; });
  if (!taken || result.created.size() + result.skipped.size() != asked_for.size())
    turn.witness.report(Call::create_batch, "neither made nor skipped what was asked for");
}

// As the pages of a list, of a step and of a whole record are made.
std::optional<Errc> describe_a_part(Turn& turn, const SharedInstance& shared, const Instance<int>& instance) {
  static constexpr DescribeOptions parts[] = {
      {.steps = false}, {.step = "at once-1"}, {.output_characters = 1}, {.bytes_max = 2'000}};
  const DescribeOptions& part = turn.dice.any_of(parts);
  return turn.witness.call(Call::describe_text, {Errc::too_large, gone(shared)},
                           [&] { static_cast<void>(instance.describe_text(part)); });
}

// False: the engine is gone.
bool read(Turn& turn, const SharedInstance& shared, const Instance<int>& instance) {
  Witness& witness = turn.witness;
  std::optional<Errc> refusal;
  switch (turn.dice.pick(5)) {
    case 0:
      refusal = witness.call(Call::status, {gone(shared)}, [&] { static_cast<void>(instance.status()); });
      break;
    case 1:
      refusal = witness.call(Call::list, {}, [&] {
        static_cast<void>(turn.life->workflows().of(shared.kind).list({.limit = 10}));
      });
      break;
    case 2:
      refusal = describe_a_part(turn, shared, instance);
      break;
    default:
      refusal = witness.call(Call::describe, {gone(shared)}, [&] { static_cast<void>(instance.describe()); });
  }
  return refusal != Errc::engine_stopped;
}

}  // namespace

void act_on_shared(Turn& turn) {
  SharedInstance& shared = (*turn.life->shared())[turn.dice.pick(SharedInstances::size)];
  if (turn.dice.one_in(10)) make_all_of(turn, shared.kind);
  const std::optional<Instance<int>> instance = turn.dice.one_in(4) ? make(turn, shared) : find(turn, shared);
  if (!instance) return;
  switch (turn.dice.pick(6)) {
    case 0:
      read(turn, shared, *instance);
      return;
    case 1:
      return wait_a_while(turn, shared, *instance);
    case 2:
      return turn.dice.one_in(2) ? watch(turn, *instance, shared.kind, shared.n, shared.passes)
                                 : watch_and_cancel(turn, *instance, shared.kind, shared.n, shared.passes);
    default:
      return control(turn, shared, *instance);
  }
}

bool wait_for_one(Turn& turn, std::uint64_t number, std::size_t thread, std::size_t threads) {
  const std::size_t first = number % threads;
  const int n = static_cast<int>(number % 1'000);
  Workflow<int, int> workflow = turn.life->workflows().of(Kind::paces);
  const NewInstance<int> wanted{
      .id = "one-" + std::to_string(number), .params = n, .retention = {.success = 1min, .error = 1min}};
  Witness& witness = turn.witness;
  std::optional<Instance<int>> one;
  const auto taken = witness.call(Call::create, {Errc::instance_already_exists},
                                  [&] { one = workflow.create(wanted); });
  if (taken == Errc::instance_already_exists)
    witness.call(Call::get, {}, [&] { one = workflow.get(wanted.id); });
  if (!one) return false;
  // In a second life it may have its event, and have ended.
  if (thread == (first + 1) % threads) send_go(turn, *one, n, {Errc::cannot_send_event});
  if (thread == (first + 2) % threads && number % 2 == 0) {
    witness.call(Call::pause, {Errc::cannot_pause}, [&] { one->pause(); });
    witness.call(Call::resume, {Errc::cannot_resume}, [&] { one->resume(); });
  }
  const auto ending = ending_of(turn, Call::wait, {}, [&] { return one->wait(); });
  if (!ending) return false;
  const std::string complaint = judge(*ending, Kind::paces, n, false);
  if (!complaint.empty()) witness.report(Call::wait, wanted.id + ' ' + complaint);
  return true;
}

void read_until_the_end(Turn& turn) {
  SharedInstance& shared = (*turn.life->shared())[2 * turn.dice.pick(SharedInstances::size / 2)];
  const std::optional<Instance<int>> instance = make(turn, shared);
  // Without a handle there is nothing to read by, and the engine ends.
  while (instance && read(turn, shared, *instance)) continue;
}

void bring_to_its_end(Turn& turn, SharedInstance& shared) {
  const std::optional<Instance<int>> instance = find(turn, shared);
  if (!instance) return;
  Witness& witness = turn.witness;
  witness.call(Call::resume, {Errc::cannot_resume, gone(shared)}, [&] { instance->resume(); });
  if (wants_event(shared.kind)) send_go(turn, *instance, shared.n, {Errc::cannot_send_event, gone(shared)});
  const auto ending = ending_of(turn, Call::wait, {gone(shared)}, [&] { return instance->wait(); });
  if (ending) hold_against(turn, Call::wait, shared, *ending);
}

}  // namespace cairn::testing
