#include "tests/stress/closing.hpp"

#include "tests/stress/engine_calls.hpp"
#include "tests/stress/shared_calls.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace cairn::testing {

namespace {

using namespace std::chrono_literals;

// Of those that have ended, as many of each workflow are looked at whole.
constexpr std::size_t looked_at = 300;

std::vector<InstanceSummary> all_of(Turn& turn, const Workflow<json, json>& workflow, ListFilter filter) {
  std::vector<InstanceSummary> all;
  filter.limit = 500;
  do {
    Page page;
    turn.witness.call(Call::list, {}, [&] { page = workflow.list(filter); });
    std::ranges::move(page.instances, std::back_inserter(all));
    filter.cursor = page.cursor;
  } while (!filter.cursor.empty());
  return all;
}

// Nothing: it has ended, and was swept.
std::optional<InstanceDetail> detail_of(Turn& turn, const Instance<json>& instance) {
  InstanceDetail detail;
  const auto refusal = turn.witness.call(Call::describe, {Errc::instance_not_found},
                                         [&] { detail = instance.describe(); });
  if (refusal) return std::nullopt;
  return detail;
}

std::optional<Instance<json>> find(Turn& turn, const Workflow<json, json>& workflow, const std::string& id) {
  std::optional<Instance<json>> found;
  turn.witness.call(Call::find, {}, [&] { found = workflow.find(id); });
  return found;
}

// One that is parked each time ends when it has been resumed often enough.
void wait_and_resume(Turn& turn, const Instance<json>& instance) {
  std::optional<Errc> refusal = Errc::timed_out;
  while (refusal == Errc::timed_out) {
    turn.witness.call(Call::resume, {Errc::cannot_resume, Errc::instance_not_found},
                      [&] { instance.resume(); });
    refusal = turn.witness.call(Call::wait_for, {Errc::timed_out, Errc::instance_not_found},
                                [&] { instance.wait_for(5ms); });
  }
}

void end_one(Turn& turn, const Workflow<json, json>& workflow, const Instance<json>& instance) {
  const std::optional<InstanceDetail> detail = detail_of(turn, instance);
  if (!detail) return;
  Witness& witness = turn.witness;
  witness.call(Call::resume, {Errc::cannot_resume, Errc::instance_not_found}, [&] { instance.resume(); });
  if (fate_of(workflow.name(), detail->params).wants_event) {
    witness.call(Call::send_event, {Errc::cannot_send_event, Errc::instance_not_found},
                 [&] { instance.send_event("go", payload_of(detail->params)); });
  }
  try {
    if (workflow.name() == moody_workflow) return wait_and_resume(turn, instance);
    witness.call(Call::wait, {Errc::instance_not_found}, [&] { instance.wait(); });
  } catch (const InstanceError&) {
    return;  // is judged with all others
  }
}

// What some life's end has cut off: children of parents that were terminated, instances that nobody sent
// their event. Gives how many there were.
std::size_t end_what_is_left(Turn& turn, const Workflow<json, json>& workflow) {
  static constexpr Status unfinished[] = {Status::queued, Status::running, Status::paused,
                                          Status::waiting_for_pause, Status::waiting};
  std::size_t left = 0;
  for (const Status status : unfinished) {
    for (const InstanceSummary& one : all_of(turn, workflow, {.status = status})) {
      ++left;
      if (const auto instance = find(turn, workflow, one.id)) end_one(turn, workflow, *instance);
    }
  }
  return left;
}

// Bodies of instances that were terminated may still make children.
void end_all_that_is_left(Turn& turn, const Engine& engine) {
  std::size_t left = 0;
  do {
    left = turn.life->workflows().bodies().none_runs() ? 0 : 1;
    for (const WorkflowSummary& workflow : engine.workflows())
      left += end_what_is_left(turn, engine.workflow(workflow.name));
  } while (left > 0);
}

void judge_record(const Turn& turn, const InstanceDetail& detail) {
  const Fate fate = fate_of(detail.workflow, detail.params);
  const auto report = [&](const std::string& what) {
    turn.witness.report(Call::describe, detail.id + " (" + detail.workflow + ") " + what);
  };
  if (detail.status == Status::complete && detail.output != fate.output)
    report("has the output " + (detail.output ? detail.output->dump() : "of nobody"));
  if (detail.status != Status::errored) return;
  const ErrorRecord error = detail.error.value_or(ErrorRecord{});
  if (fate.output || !is_agreed(error.name, error.message, detail.params))
    report("has failed with " + error.name + ": " + error.message);
}

void judge_all(Turn& turn, const Workflow<json, json>& workflow) {
  std::size_t looks = 0;
  for (const InstanceSummary& one : all_of(turn, workflow, {})) {
    if (!is_finished(one.status))
      turn.witness.report(Call::list, one.id + " is " + std::string{to_string(one.status)} + " in the end");
    if (one.status == Status::complete && ++looks > looked_at) continue;
    const std::optional<Instance<json>> instance = find(turn, workflow, one.id);
    const std::optional<InstanceDetail> detail = instance ? detail_of(turn, *instance) : std::nullopt;
    if (detail) judge_record(turn, *detail);
  }
}

// What is to go does so in the first sweep behind its time.
void expect_swept(Turn& turn, Engine& engine) {
  constexpr int longer_than_any_is_kept_ms = 50;
  ::poll(nullptr, 0, longer_than_any_is_kept_ms);
  const Time before = engine.options().clock->now();
  const auto refusal = turn.witness.call(Call::sweep, {Errc::clock_unconfirmed}, [&] { engine.sweep(); });
  if (refusal) return;
  for (const WorkflowSummary& workflow : engine.workflows()) {
    for (const InstanceSummary& one : all_of(turn, engine.workflow(workflow.name), {})) {
      if (one.expires && *one.expires <= before) turn.witness.report(Call::sweep, one.id + " was left");
    }
  }
}

}  // namespace

void bring_everything_to_its_end(Turn& turn) {
  for (std::size_t i = 0; i < SharedInstances::size; ++i) bring_to_its_end(turn, (*turn.life->shared())[i]);
  turn.life->visit([&](Engine& engine) {
    end_all_that_is_left(turn, engine);
    turn.life->await_completions(turn.witness);
    for (const WorkflowSummary& workflow : engine.workflows())
      judge_all(turn, engine.workflow(workflow.name));
    expect_sound(turn.witness, engine);
    expect_swept(turn, engine);
  });
}

}  // namespace cairn::testing
