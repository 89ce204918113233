#include "tests/simulation/simulation.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t usual_weights[moves] = {24, 24, 27, 6, 6, 0, 15, 0, 42, 24, 24, 3, 6, 2, 3, 4, 1, 2, 1};
constexpr const char* names[moves] = {"create", "event", "control", "sweep", "watch", "body",     "body",
                                      "turn",   "turn",  "time",    "time",  "leap",  "maintain", "compare",
                                      "fault",  "mend",  "death",   "death", "stop"};

std::size_t factor(Dice& dice) {
  static constexpr std::size_t factors[] = {0, 1, 1, 1, 3};
  return dice.any_of(factors);
}

HostOptions options_of(Dice& dice) {
  static constexpr int pages[] = {512, 1024, 4096};
  static constexpr std::size_t few[] = {1, 2, 3, 8};
  HostOptions options;
  options.page_bytes = dice.any_of(pages);
  options.checkpoint_bytes = std::size_t{16 + 16 * dice.pick(5)} << 10;
  options.conductor.concurrency = 1 + dice.pick(8);
  options.conductor.resident = dice.pick(6);
  options.conductor.timer_capacity = dice.one_in(2) ? 4 + dice.pick(8) : 100;
  options.conductor.page = dice.one_in(2) ? dice.any_of(few) : 100;
  options.conductor.begins = dice.one_in(2) ? dice.any_of(few) : 100;
  if (dice.one_in(3)) {
    options.conductor.handful = 1 + dice.pick(12);
    options.conductor.share = dice.pick(12);
    options.conductor.turn_share = dice.pick(24);
  }
  // How far timers are read ahead; every half of it costs a read.
  static constexpr Duration spans[] = {10min, 2h, 24h, 72h};
  options.conductor.timer_span = dice.any_of(spans);
  options.conductor.limits.buffered_events = 3;
  options.conductor.workers = dice.one_in(2) ? dice.any_of(few) : 100;
  options.conductor.spare = dice.pick(3);
  // Rarer than six in one program, so that none lacks memory as often in a row as ends it.
  options.nodes_a_lack = dice.one_in(2) ? 100 + dice.pick(400) : 0;
  // So few that records of some steps are read in pages.
  if (dice.one_in(2)) {
    options.conductor.loaded_bytes = dice.pick(40);
    options.conductor.page_bytes = 1 + dice.pick(40);
  }
  return options;
}

}  // namespace

Simulation::Simulation(std::uint64_t seed, Statistics& statistics, bool aloud)
    : dice_{seed},
      statistics_{statistics},
      options_{options_of(dice_)},
      m_{options_, {{.name = "orders"}, {.name = "audits", .concurrency = 2}}, statistics, aloud} {
  m_.host.create_instance = [this](const std::string& id) { create_from_body(id); };
  for (std::size_t move = 0; move < moves; ++move) weights_.push_back(usual_weights[move] * factor(dice_));
  weights_[static_cast<std::size_t>(Move::body)] = 90;  // else nothing goes on
  weights_[static_cast<std::size_t>(Move::turn)] = 60;
}

void Simulation::run(std::size_t length) {
  const Duration before = m_.clock.uptime;
  begin();
  for (std::size_t step = 0; step < length && !m_.findings.any(); ++step) {
    play(static_cast<Move>(dice_.weighted(weights_)));
    if (!m_.host.alive() && !m_.findings.any()) come_back();
    check_answered();
  }
  if (!m_.findings.any()) let_all_end();
  statistics_.pass(m_.clock.uptime - before);
}

void Simulation::play(Move move) {
  const char* name = names[static_cast<std::size_t>(move)];
  m_.trace.note(name, move, m_.clock.now.time_since_epoch().count());
  statistics_.count(std::string{"move "} + name);
  switch (move) {
    case Move::create:
      return create();
    case Move::event:
      return send_event();
    case Move::control:
      return control();
    case Move::sweep:
      return sweep();
    case Move::watch:
      return watch();
    case Move::body:
    case Move::body_held_back:
      run_body(move == Move::body_held_back, true);
      return;
    case Move::turn:
      return turn(false);
    case Move::overlapping_turn:
      return turn(true);
    case Move::pass_time:
      return pass(dice_.span(1h));
    case Move::pass_to_next:
      return pass_to_next();
    case Move::leap:
      return leap();
    case Move::maintain:
      return m_.host.maintain(Demand::quiet);
    case Move::compare:
      return m_.check_all();
    default:
      return mishap(move);
  }
}

// ------------------------------------------------------------------------------------------------------
// turns

void Simulation::turn(bool overlaps) {
  for (engine::BodyDone& result : std::exchange(held_back_, {})) {
    if (dice_.one_in(2)) {
      m_.host.give(std::move(result));
    } else {
      held_back_.push_back(std::move(result));
    }
  }
  const bool has_group = m_.host.prepare();
  const auto hear = [&] {
    if (!overlaps || !run_body(true, false)) return;
    statistics_.count("move result heard in a write");
    m_.host.hear(std::exchange(held_back_, {}));
  };
  if (has_group) {
    hear();
    m_.host.write();
    if (!m_.host.alive()) return;
    hear();
  }
  m_.host.finish();
  if (dice_.percent(90)) m_.host.maintain(Demand::busy);
}

bool Simulation::run_body(bool hold_back, bool may_create) {
  if (m_.host.bodies().empty()) return false;
  const std::size_t index = dice_.pick(m_.host.bodies().size());
  // While a group is written, one that creates would wait for the next turn.
  if (!may_create && m_.host.bodies()[index].step().starts_with(creating_step)) return false;
  if (may_create && wait_for_another(index)) return false;
  if (m_.host.has_lent(index)) return false;
  const std::size_t chance = dice_.pick(20);
  const BodyEnd end = chance < 16 ? BodyEnd::well : chance < 19 ? BodyEnd::badly : BodyEnd::hopelessly;
  m_.trace.note("  runs", m_.host.bodies()[index].key, m_.host.bodies()[index].step(), end);
  std::optional<engine::BodyDone> done = m_.host.run_body(index, end);
  if (!done) return false;
  if (hold_back) {
    held_back_.push_back(*std::move(done));
  } else {
    m_.host.give(*std::move(done));
    if (dice_.percent(70)) turn(false);
  }
  return true;
}

// Whether it waits for another instance, or still for what it has lent meanwhile.
bool Simulation::wait_for_another(std::size_t index) {
  if (m_.host.has_lent(index)) {
    m_.host.take_back(index, dice_.one_in(5));
    statistics_.count("body wants back what it has lent");
  } else if (!peace_ && dice_.one_in(6)) {
    m_.host.lend(index);
    statistics_.count("body waits for another");
  } else {
    return false;
  }
  if (dice_.one_in(2)) turn(false);
  return true;
}

// -------------------------------------------------------------------------------------------------------
// time

void Simulation::pass(Duration span) {
  m_.clock.pass(span);
  if (dice_.percent(80)) m_.host.give(engine::Tick{});
}

void Simulation::pass_to_next() {
  const std::optional<Time> next = m_.host.next_time();
  if (next && *next > m_.clock.now) m_.clock.pass(std::min<Duration>(*next - m_.clock.now, 24h * 30));
  m_.host.give(engine::Tick{});
}

// The wall clock alone.
void Simulation::leap() {
  const Duration span = dice_.span(72h);
  const bool ahead = dice_.one_in(2);
  m_.clock.leap(ahead ? span : -span);
  statistics_.count(ahead ? "leap ahead" : "leap back");
  m_.host.give(engine::Tick{});
}

// ----------------------------------------------------------------------------------------------------
// mishaps

void Simulation::mishap(Move move) {
  switch (move) {
    case Move::fault: {
      const IoFault fault = dice_.any_of(all_io_faults);
      statistics_.count("fault planned");
      return m_.disk.plan_fault(fault, dice_.pick(20));
    }
    case Move::mend:
      return m_.disk.mend();
    case Move::die:
      return m_.die(dice_.any_of(all_losses), dice_);
    case Move::die_in_a_write: {
      const Loss loss = dice_.any_of(all_losses);
      m_.disk.plan_death(loss, dice_.pick(30), dice_);
      return turn(true);
    }
    case Move::stop:
      return stop();
    default:
      return;
  }
}

// -----------------------------------------------------------------------------------------------------
// checks

// Whoever was told `ok` sees it.
void Simulation::check_answered() {
  if (m_.disk.take_fired()) statistics_.count("fault met");
  const std::vector<Key> answered = m_.client.take_answered();
  if (!m_.host.alive() || m_.audit.in_doubt()) {
    was_in_doubt_ = m_.audit.in_doubt();
    return;
  }
  const SimulatedDisk::Quiet quiet{m_.disk};
  for (const Key key : answered) m_.audit.compare(m_.host.store(), key);
  if (std::exchange(was_in_doubt_, false)) m_.check_all();
}

}  // namespace cairn::testing
