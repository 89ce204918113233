#include "tests/simulation/machine.hpp"

#include "tests/storage/store_text.hpp"

#include <algorithm>
#include <utility>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;

// Programs sleep and wait for two days at most at a time, and have some 40 nodes at most.
constexpr Duration bound = 24h * 200;
constexpr int rounds_max = 20'000;
// A store that has failed is asked again after five seconds at most.
constexpr Duration patience = 6s;

}  // namespace

Machine::Machine(HostOptions options, std::vector<Workflow> workflows_to_run, Statistics& counts, bool aloud)
    : statistics{counts},
      trace{aloud},
      disk{options.page_bytes},
      audit{findings, counts,
            [this] {
              return Moment{.uptime = clock.uptime, .leaps = clock.leaps, .corrected = clock.corrected};
            }},
      client{findings, counts, trace},
      host{options, disk, clock, audit, findings, trace},
      workflows{std::move(workflows_to_run)} {}

// ---------------------------------------------------------------------------------------------------- lives

bool Machine::try_to_begin() {
  try {
    host.open();
    for (Workflow& workflow : workflows) {
      auto definition = host.make_code(workflow.name, {.concurrency = workflow.concurrency}, workflow.author);
      host.define(definition);
      workflow.number = definition->workflow;
      workflow.version = definition->version;
    }
    host.give(engine::Begin{});
    host.turn();
    if (host.alive()) {
      check_all();
      return true;
    }
  } catch (const Error& error) {
    trace.note("  does not begin", error.what());
    findings.require(error.code() == Errc::store_failed || error.code() == Errc::outcome_unknown,
                     "the file cannot be opened: ", error.what());
  }
  statistics.count("death while it begins");
  if (!disk.dead()) disk.leave_as_it_is();
  host.drop();
  clear_away();
  return false;
}

void Machine::die(Loss loss, Dice& dice) {
  disk.die(loss, dice);
  trace.note("  dies", to_string(loss));
  host.drop();
}

void Machine::clear_away() {
  client.lose_answers();
  if (!disk.dead()) return;
  statistics.count("death");
  disk.come_back();
}

// ----------------------------------------------------------------------------------------------------- ends

void Machine::settle_doubt() {
  constexpr Key nobody = 400'000;
  if (audit.in_doubt()) host.give(client.ask(Control{.key = nobody, .command = Command::pause}, 0));
  host.come_to_rest();
}

void Machine::send_to_all() {
  for (const auto& [key, fact] : audit.facts().all()) {
    if (is_finished(fact.status)) continue;
    for (const char* type : {"go", "stop"}) {
      SendEvent event{.key = key, .type = type, .payload = "0", .buffered_max = 100};
      host.give(client.ask(std::move(event), key));
    }
  }
  host.come_to_rest();
}

void Machine::drive_to_the_end() {
  settle_doubt();
  const Duration begin = clock.uptime;
  Time ticked = clock.now;
  for (int rounds = 0; !findings.any(); ++rounds) {
    host.come_to_rest();
    end_bodies();
    if (all_ended() || findings.any()) return;
    if (resume_paused()) continue;
    if (clock.uptime - begin > patience) check_nothing_overdue(ticked);
    const std::optional<Time> next = host.next_time();
    if (!next || rounds == rounds_max || clock.uptime - begin > bound) {
      findings.require(false, "V11: what could go on does not end, ",
                       next ? "in so much time:" : "and nobody looks at the time:", unended());
      return;
    }
    trace.note("time", clock.now.time_since_epoch().count(), next->time_since_epoch().count());
    clock.pass(std::max(clock.now, *next) - clock.now);
    host.give(engine::Tick{});
    ticked = clock.now;
  }
}

// Every slot is free then.
void Machine::check_nothing_overdue(Time time) {
  for (const InstanceRow& row : audit.expected().list({.limit = 1'000})) {
    const bool waits = row.status == Status::waiting && (!row.wake_at || *row.wake_at > time);
    findings.require(waits || row.status == Status::paused || is_finished(row.status), "V10: at ",
                     time.time_since_epoch().count(), " nobody has looked after ", [&] { return text(row); });
  }
}

void Machine::check_nobody_stands(Time time, bool has_place) {
  for (const InstanceRow& row : audit.expected().list({.status = Status::running, .limit = 1'000})) {
    const History record = audit.expected().history(row.key).value();
    const auto stands = [&](const StepRow& step) {
      if (step.ended_seq) return false;
      const bool has_event = step.kind == StepKind::wait_for_event &&
                             std::ranges::find(record.events, step.event_type, &EventRow::type) !=
                                 record.events.end();
      if (has_event || !step.due) return has_event;
      if (step.kind == StepKind::step && !has_place) return false;
      return (step.due_fixed ? *step.due : saturating_add(*step.due, row.paused_for)) <= time;
    };
    findings.require(std::ranges::none_of(record.steps, stands), "V10: at ", time.time_since_epoch().count(),
                     " something waits for a body that has nothing to do with it: ", text(record));
  }
}

void Machine::end_bodies() {
  while (!host.bodies().empty() && !findings.any()) {
    for (std::size_t i = 0; i < host.bodies().size(); ++i) {
      if (host.has_lent(i)) host.take_back(i, false);
    }
    host.come_to_rest();
    std::size_t first = 0;
    while (first < host.bodies().size() && host.has_lent(first)) ++first;
    // After a failure nothing moves before the store is asked again.
    if (first == host.bodies().size() && host.conductor().wants_turn()) return;
    findings.require(first < host.bodies().size(), "V11: every body waits for what it has lent");
    if (findings.any()) return;
    host.give(host.run_body(first, BodyEnd::well).value());
    host.come_to_rest();
  }
}

bool Machine::all_ended() const {
  return std::ranges::all_of(audit.facts().all(),
                             [](const auto& entry) { return is_finished(entry.second.status); });
}

std::string Machine::unended() const {
  std::string text;
  for (const auto& [key, fact] : audit.facts().all()) {
    if (is_finished(fact.status)) continue;
    if (const auto history = audit.expected().history(key)) text += '\n' + cairn::testing::text(*history);
  }
  return text;
}

bool Machine::resume_paused() {
  bool any = false;
  for (const auto& [key, fact] : audit.facts().all()) {
    if (fact.status != Status::paused) continue;
    host.give(client.ask(Control{.key = key, .command = Command::resume}, key));
    any = true;
  }
  return any;
}

// Whatever has a retention goes when it has passed, and nothing else.
void Machine::sweep_all() {
  clock.pass(24h);
  for (bool more = true; more && !findings.any();) {
    const std::size_t before = audit.facts().all().size();
    host.give(client.ask(Sweep{.limit = 5}, 0));
    host.come_to_rest();
    more = audit.facts().all().size() < before;
  }
  for (const auto& [key, fact] : audit.facts().all()) {
    findings.require(!fact.expires || *fact.expires > clock.now, "V16: ", key,
                     " has expired and is still there");
  }
}

void Machine::check_rest() {
  host.come_to_rest();
  const engine::Conductor& conductor = host.conductor();
  findings.require(conductor.bodies() == 0 && conductor.running() == 0 && conductor.residents() == 0,
                   "all has ended, and ", conductor.bodies(), " bodies, ", conductor.running(), " slots and ",
                   conductor.residents(), " residents are counted");
  findings.require(!client.anybody_watches(), "somebody was never told of an end");
}

// --------------------------------------------------------------------------------------------------- checks

void Machine::check_all() {
  if (!host.alive() || audit.in_doubt()) return;
  const SimulatedDisk::Quiet quiet{disk};
  client.begin_check();
  audit.compare_all(host.store(), [&](const History& history) { client.look(history); });
  if (!findings.any()) client.end_check(audit.facts());
}

}  // namespace cairn::testing
