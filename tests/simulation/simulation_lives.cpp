#include "tests/simulation/simulation.hpp"

#include <utility>

namespace cairn::testing {
namespace {

constexpr int tries_max = 100;

}  // namespace

void Simulation::begin() {
  if (!peace_ && dice_.one_in(6)) m_.disk.plan_death(dice_.any_of(all_losses), dice_.pick(30), dice_);
  for (int tries = 0; !m_.try_to_begin() && !m_.findings.any(); ++tries) {
    if (dice_.one_in(2)) m_.disk.mend();
    m_.findings.require(tries < tries_max, "the program cannot begin any more");
  }
}

void Simulation::come_back() {
  held_back_.clear();
  m_.clear_away();
  begin();
  if (!m_.findings.any()) m_.check_file();
}

// Bodies are asked to stop and return; then the program ends.
void Simulation::stop() {
  m_.host.give(engine::Halt{});
  m_.host.come_to_rest();
  for (engine::BodyDone& result : std::exchange(held_back_, {})) {
    if (m_.host.alive()) m_.host.give(std::move(result));
  }
  if (m_.host.alive()) m_.host.come_to_rest();
  while (m_.host.alive() && !m_.host.bodies().empty() && !m_.findings.any()) {
    run_body(false, true);
    if (m_.host.alive()) m_.host.come_to_rest();
  }
  if (!m_.host.alive() || m_.findings.any()) return;
  m_.findings.require(m_.host.conductor().bodies() == 0, "bodies are counted after all have returned");
  m_.disk.mend();  // a disk that fails at the very end leaves what a death leaves
  statistics_.count("stop ok");
  m_.host.drop();
}

// From now on nothing fails. Whatever can go on must come to its end, by bodies and by time alone.
void Simulation::let_all_end() {
  m_.trace.note("peace", m_.clock.now.time_since_epoch().count());
  peace_ = true;
  m_.disk.mend();
  if (dice_.one_in(2)) {
    m_.die(Loss::everything, dice_);
    come_back();
  }
  for (engine::BodyDone& result : std::exchange(held_back_, {})) m_.host.give(std::move(result));
  if (!m_.findings.any() && dice_.one_in(2)) {
    m_.clock.pass(std::chrono::seconds{6});  // a store that has failed is asked again
    m_.host.give(engine::Tick{});
    m_.settle_doubt();
    m_.send_to_all();
  }
  if (!m_.findings.any()) m_.drive_to_the_end();
  if (!m_.findings.any()) m_.check_all();
  if (!m_.findings.any()) m_.sweep_all();
  if (!m_.findings.any()) m_.check_all();
  if (!m_.findings.any()) m_.check_rest();
  if (!m_.findings.any()) m_.check_file();
}

}  // namespace cairn::testing
