#include "tests/simulation/simulation.hpp"

#include <functional>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;

// More would make a seed slower, and meet nothing else.
constexpr std::size_t instances_max = 40;

}  // namespace

Key Simulation::any_key() {
  const auto& facts = m_.audit.facts().all();
  if (facts.empty() || dice_.one_in(40)) return static_cast<Key>(1 + dice_.pick(100));
  // Those that have ended say the same every time.
  auto any = facts.begin();
  for (int tries = 0; tries < 3; ++tries) {
    any = std::next(facts.begin(), static_cast<std::ptrdiff_t>(dice_.pick(facts.size())));
    if (!is_finished(any->second.status)) break;
  }
  return any->first;
}

std::string Simulation::any_id() {
  if (next_id_ > 0 && dice_.one_in(10)) return "i" + std::to_string(1 + dice_.pick(next_id_));
  return "i" + std::to_string(++next_id_);
}

CreateBatch Simulation::new_batch() {
  const Machine::Workflow& workflow = m_.workflows[dice_.pick(m_.workflows.size())];
  CreateBatch batch{.workflow = workflow.number, .version = workflow.version};
  batch.on_conflict = dice_.one_in(3) ? OnConflict::fail : OnConflict::skip;
  return batch;
}

void Simulation::create() {
  if (m_.audit.facts().all().size() >= instances_max) return;
  CreateBatch batch = new_batch();
  std::vector<std::uint64_t> programs;
  for (std::size_t rows = dice_.one_in(4) ? 2 + dice_.pick(4) : 1; rows > 0; --rows) {
    NewRow& row = batch.rows.emplace_back();
    row.id = any_id();
    if (!dice_.one_in(8)) row.retention.success = dice_.span(24h);
    if (!dice_.one_in(8)) row.retention.error = dice_.span(24h);
    programs.push_back(dice_.number() >> 1);
  }
  m_.trace.note("  creates", batch.rows.front().id, batch.rows.size());
  m_.host.give(m_.client.create(std::move(batch), programs, dice_.one_in(2)));
}

// As `Workflow::create` does in a body: it leads a turn by itself, and asks again while it is not told.
void Simulation::create_from_body(const std::string& id) {
  CreateBatch batch = new_batch();
  batch.on_conflict = OnConflict::fail;
  batch.rows.push_back({.id = id, .retention = {.success = 1h, .error = 1h}});
  statistics_.count("create from a body");
  m_.trace.note("  creates", id, 1);
  m_.host.give(m_.client.create(std::move(batch), {std::hash<std::string>{}(id) >> 1}, false));
  m_.host.come_to_rest();
  if (!m_.host.alive()) return;
  if (m_.client.last_answer() != Answer::ok) throw std::runtime_error{"not created"};
}

void Simulation::send_event() {
  static constexpr const char* types[] = {"go", "stop", "other"};
  const Key key = any_key();
  const std::string type = dice_.any_of(types);
  m_.trace.note("  sends", key, type);
  SendEvent event{.key = key,
                  .type = type,
                  .payload = std::to_string(dice_.pick(1'000'000)),
                  .buffered_max = options_.conductor.limits.buffered_events};
  m_.host.give(m_.client.ask(std::move(event), key));
}

void Simulation::control() {
  static constexpr Command commands[] = {Command::pause,  Command::pause,     Command::resume,
                                         Command::resume, Command::terminate, Command::restart};
  Control control{.key = any_key(), .command = dice_.any_of(commands)};
  const Fact* fact = m_.audit.facts().find(control.key);
  // Whoever restarts has read which workflow it is.
  if (fact == nullptr && control.command == Command::restart) return;
  control.version = m_.workflows.front().version;
  for (const Machine::Workflow& workflow : m_.workflows) {
    if (fact != nullptr && fact->workflow == workflow.number) control.version = workflow.version;
  }
  m_.trace.note("  asks", control.key, control.command);
  m_.host.give(m_.client.ask(control, control.key));
}

// As `Engine::sweep` does: not under a clock that has leapt.
void Simulation::sweep() {
  if (!m_.host.clock_guard().check({m_.clock.now, m_.clock.uptime})) {
    statistics_.count("sweep held up by a leap");
    if (dice_.one_in(2)) m_.host.clock_guard().confirm({m_.clock.now, m_.clock.uptime});
    return;
  }
  m_.host.give(m_.client.ask(Sweep{.limit = 1 + dice_.pick(4), .until = m_.clock.now}, 0));
}

void Simulation::watch() {
  if (dice_.one_in(4)) {
    if (const auto unwatch = m_.client.unwatch()) m_.host.give(*unwatch);
  } else {
    m_.host.give(m_.client.watch(any_key()));
  }
}

}  // namespace cairn::testing
