#include "tests/simulation/stage.hpp"

#include <algorithm>
#include <utility>

namespace cairn::testing {
namespace {

using namespace std::chrono_literals;

constexpr const char* op_names[op_count] = {"create", "result", "failure", "event",     "other event",
                                            "time",   "pause",  "resume",  "terminate", "restart",
                                            "sweep",  "evict",  "crash"};
constexpr const char* gap_names[] = {"with", "in the turn before", "long before"};
constexpr const char* turn_names[turn_count] = {"goes well",
                                                "is refused",
                                                "fails",
                                                "dies before the write",
                                                "dies before the report",
                                                "hears before the write",
                                                "hears after the write"};

// In flight at once, and workers for more than these.
constexpr std::size_t places = 2;
constexpr std::size_t enough_workers = 8;

enum : std::uint64_t {
  two_steps,
  one_step,
  failing,
  sleeper,
  waiter,
  two_waits,
  both,
  step_then_wait,
  side_by_side
};

Node step() {
  Node node{.kind = Node::Kind::step, .name = "a"};
  node.options.retries = {.limit = 2, .delay = 10s, .backoff = Backoff::constant};
  node.options.timeout = 1h;
  return node;
}

Node sleep() {
  return {.kind = Node::Kind::sleep, .name = "nap600000", .span = 10min};
}

Node wait(const char* event) {
  return {.kind = Node::Kind::wait, .name = "wait", .span = 10min, .event = event};
}

Block set_program(const Params& params) {
  switch (params.program) {
    case two_steps:
      return {step(), step()};
    case one_step:
      return {step()};
    case failing:
      return {step(), {.kind = Node::Kind::fail}};
    case sleeper:
      return {sleep(), step()};
    case waiter:
      return {wait("go"), step()};
    case two_waits:
      return {wait("stop"), wait("go")};
    case both:
      return {{.kind = Node::Kind::branches, .branches = {{step()}, {wait("go"), step()}}}};
    case side_by_side:
      return {{.kind = Node::Kind::branches, .branches = {{step(), step()}, {step()}, {wait("go"), step()}}}};
    default:
      return {step(), wait("go"), sleep()};
  }
}

}  // namespace

const std::vector<Scene>& scenes() {
  static const std::vector<Scene> all{
      {"a step runs", two_steps},
      {"the last step runs", one_step},
      {"the step before its failure runs", failing},
      {"it sleeps", sleeper},
      {"it waits", waiter},
      {"it waits, and then for something else", two_waits},
      {"a step runs, and it waits", both},
      {"a step runs, and then it waits", step_then_wait},
      {"a step runs, and its event is there", step_then_wait, {Op::event}},
      {"it awaits a retry", two_steps, {Op::failure}},
      {"it is paused", sleeper, {Op::pause}},
      {"it was paused as it waited", waiter, {Op::pause}},
      {"it is about to pause", both, {Op::pause}},
      {"it goes on before it was paused", two_steps, {Op::pause, Op::resume}},
      {"it is about to pause, and one of its bodies has returned", side_by_side, {Op::pause, Op::result}},
      {"it goes on with what came before it was paused", side_by_side, {Op::pause, Op::result, Op::resume}},
      {"it is complete", one_step, {Op::result}},
      {"it is errored", failing, {Op::result}},
      {"it is terminated, and its body runs", two_steps, {Op::terminate}},
      {"it begins anew, and its old body runs", both, {Op::restart}},
      {"it has expired", one_step, {Op::result, Op::time}},
      {"it is gone", one_step, {Op::result, Op::time, Op::sweep}},
      {"it is queued", waiter, {}, true},
      {"it has left memory", waiter, {Op::evict}},
      {"it was in flight when its owner died", both, {Op::crash}},
      {.name = "a step waits for its worker", .program = two_steps, .no_worker = true},
      {.name = "a step waits for its worker, and it waits", .program = both, .no_worker = true},
      {.name = "a step waits for its place, and it waits", .program = both, .no_place = true},
  };
  return all;
}

std::string to_text(const Schedule& schedule) {
  std::string text = std::string{schedule.scene->name} + ": ";
  for (std::size_t i = 0; i < schedule.ops.size(); ++i) {
    if (i > 0) text += std::string{" "} + gap_names[static_cast<std::size_t>(schedule.gaps[i - 1])] + " ";
    text += op_names[static_cast<std::size_t>(schedule.ops[i])];
  }
  return text + "; the last turn " + turn_names[static_cast<std::size_t>(schedule.turn)];
}

Stage::Stage(Statistics& statistics, bool aloud)
    : statistics_{statistics},
      m_{HostOptions{
             .conductor =
                 {.concurrency = 8, .resident = 8, .workers = 1, .spare = places - 1, .timer_span = 24h}},
         {{.name = "wide", .author = set_program},
          {.name = "narrow", .concurrency = 1, .author = set_program}},
         statistics,
         aloud} {
  m_.findings.require(m_.try_to_begin(), "the stage does not open");
}

const Machine::Workflow& Stage::workflow() const {
  return m_.workflows[scene_->crowded ? 1 : 0];
}

bool Stage::play(const Schedule& schedule) {
  m_.trace.note(to_text(schedule));
  bool possible = prepare(*schedule.scene);
  const bool hears = schedule.turn == Turn::hears_before_write || schedule.turn == Turn::hears_after_write;
  const std::size_t given = schedule.ops.size() - (hears ? 1 : 0);
  for (std::size_t i = 0; i < given && possible; ++i) {
    possible = give(schedule.ops[i]);
    if (i < schedule.gaps.size() && !hears) close(schedule.gaps[i]);
  }
  if (possible && hears) possible = body().has_value();
  if (possible) take_last_turn(schedule);
  end(schedule.turn);
  return possible;
}

bool Stage::prepare(const Scene& scene) {
  scene_ = &scene;
  m_.host.set_workers(scene.no_worker ? 0 : enough_workers);
  if (scene.crowded) create("other", one_step, workflow());
  for (std::size_t i = 0; i < places && scene.no_place; ++i)
    create("other-" + std::to_string(i), one_step, workflow());
  key_ = m_.host.store().ownership().next_key;
  create("it", scene.program, workflow());
  m_.host.come_to_rest();
  for (const Op op : scene.before) {
    if (!give(op)) return false;
    m_.host.come_to_rest();
  }
  return true;
}

void Stage::create(const std::string& id, std::uint64_t program, const Machine::Workflow& workflow) {
  CreateBatch batch{.workflow = workflow.number, .version = workflow.version};
  batch.rows.push_back({.id = id, .retention = {.success = 5min, .error = 5min}});
  m_.host.give(m_.client.create(std::move(batch), {program}, false));
  m_.host.turn();
}

std::optional<std::size_t> Stage::body() const {
  const auto& bodies = m_.host.bodies();
  const auto found = std::ranges::find(bodies, key_, &engine::RunBody::key);
  if (found == bodies.end()) return std::nullopt;
  return static_cast<std::size_t>(found - bodies.begin());
}

bool Stage::give_result(BodyEnd end) {
  const std::optional<std::size_t> index = body();
  if (!index) return false;
  m_.host.give(m_.host.run_body(*index, end).value());
  return true;
}

engine::Input Stage::control(Command command) {
  return m_.client.ask(Control{.key = key_, .command = command, .version = workflow().version}, key_);
}

bool Stage::give(Op op) {
  const auto send = [&](const char* type) {
    SendEvent event{.key = key_, .type = type, .payload = "1", .buffered_max = 10};
    m_.host.give(m_.client.ask(std::move(event), key_));
  };
  switch (op) {
    case Op::create: {
      CreateBatch batch{.workflow = workflow().number, .version = workflow().version};
      batch.rows.push_back({.id = "it", .retention = {.success = 5min, .error = 5min}});
      m_.host.give(m_.client.create(std::move(batch), {one_step}, false));
      break;
    }
    case Op::result:
      return give_result(BodyEnd::well);
    case Op::failure:
      return give_result(BodyEnd::badly);
    case Op::event:
      send("go");
      break;
    case Op::other_event:
      send("stop");
      break;
    case Op::time:
    case Op::evict:
      m_.clock.pass(op == Op::time ? 10min : 11s);
      m_.host.give(engine::Tick{});
      break;
    case Op::sweep:
      m_.host.give(m_.client.ask(Sweep{.limit = 10}, 0));
      break;
    case Op::crash:
      crash();
      break;
    default:
      m_.host.give(control(static_cast<Command>(static_cast<int>(op) - static_cast<int>(Op::pause))));
  }
  return true;
}

void Stage::close(Gap gap) {
  if (gap == Gap::turn) m_.host.turn();
  if (gap == Gap::rest) m_.host.come_to_rest();
}

void Stage::crash() {
  if (m_.host.alive()) m_.die(Loss::everything, dice_);
  m_.clear_away();
  m_.findings.require(m_.try_to_begin(), "the next owner does not begin");
}

void Stage::hear(Op op) {
  std::vector<engine::BodyDone> results;
  results.push_back(m_.host.run_body(*body(), op == Op::result ? BodyEnd::well : BodyEnd::badly).value());
  m_.host.hear(std::move(results));
}

void Stage::take_last_turn(const Schedule& schedule) {
  const Turn turn = schedule.turn;
  if (turn == Turn::is_refused) m_.disk.plan_fault(IoFault::full_for_long, 0);
  if (turn == Turn::fails) m_.disk.plan_fault(IoFault::error_for_long, 11);  // about where it commits
  const bool has_group = m_.host.prepare();
  if (turn == Turn::dies_before_write) return crash();
  if (turn == Turn::hears_before_write && has_group) hear(schedule.ops.back());
  if (has_group) m_.host.write();
  if (turn == Turn::dies_before_report) return crash();
  if (turn == Turn::hears_after_write && has_group) hear(schedule.ops.back());
  m_.host.finish();
  if (m_.disk.take_fired()) statistics_.count("turn met a fault");
  m_.disk.mend();
}

// The file must be sound as it is now; then all comes to its end, and the stage is cleared.
void Stage::end(Turn last) {
  m_.host.set_workers(enough_workers);
  if (!m_.audit.in_doubt()) m_.check_file();
  m_.host.come_to_rest();
  m_.clock.pass(10s);  // a store that has failed is asked again
  m_.host.give(engine::Tick{});
  m_.settle_doubt();
  if (m_.host.bodies().empty()) m_.check_nothing_overdue(m_.clock.now - 1s);
  if (last != Turn::is_refused && last != Turn::fails)
    m_.check_nobody_stands(m_.clock.now - 1s, m_.host.bodies().size() < places);
  if (!m_.findings.any()) m_.check_all();
  if (!m_.findings.any()) m_.drive_to_the_end();
  if (!m_.findings.any()) m_.check_all();
  if (!m_.findings.any()) m_.check_rest();
  if (!m_.findings.any()) m_.sweep_all();
  m_.findings.require(m_.audit.facts().all().empty(), "something is left on the stage");
  static_cast<void>(m_.client.take_answered());
}

}  // namespace cairn::testing
